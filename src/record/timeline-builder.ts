import { COUNTS_LENGTH, changeCode, ENTERED, LEFT, NO_STATE, type Piece, STATE_COUNT } from './timeline.ts';
import { varintBefore } from './varint.ts';

/** Changes in a run: more make for more memory, fewer for more runs to add up. */
const RUN_LENGTH = 1 << 18;
/** Bytes of a piece's changes: with its counts it fits a page. */
const PIECE_LENGTH = 12_288;
/** A varint of 8 bytes and a code. */
const CHANGE_LIMIT = 9;
/** What a time is multiplied by to make room for a change's code in one number. */
const ROOM = 256;

/** Makes the timeline of the lives that are added, run by run. */
export class TimelineBuilder {
  readonly #onPiece: (piece: Piece) => void;
  readonly #times: Float64Array;
  readonly #codes: Uint8Array;
  #length = 0;
  #run: number;

  /** @param run number of the first run */
  constructor(onPiece: (piece: Piece) => void, { run = 0, runLength = RUN_LENGTH } = {}) {
    this.#onPiece = onPiece;
    this.#run = run;
    this.#times = new Float64Array(runLength);
    this.#codes = new Uint8Array(runLength);
  }

  /**
   * Adds the life of one end: `entered[at + state]` is when it entered each state (NaN: never), in
   * microseconds since `first`. Where nothing later was seen, the last state counts up to `observed`,
   * that instant included.
   */
  add(end: number, first: number, observed: number, entered: Float64Array, at: number): void {
    if (Number.isNaN(first + observed)) return;
    let state = NO_STATE;
    for (let next = 0; next <= STATE_COUNT; next++) {
      const time = entered[at + next]!;
      if (Number.isNaN(time)) continue;
      if (state !== next) this.#change(first + time, changeCode(end, state, next));
      state = next;
    }
    if (state !== NO_STATE) this.#change(first + observed + 1, changeCode(end, state, NO_STATE));
  }

  /** Makes the last run's pieces. */
  finish(): void {
    if (this.#length > 0) this.#endRun();
  }

  /** A clock may be anywhere; times stay within what is exact. */
  #change(time: number, code: number): void {
    this.#times[this.#length] = Math.min(Math.max(time, 0), Number.MAX_SAFE_INTEGER);
    this.#codes[this.#length] = code;
    if (++this.#length === this.#times.length) this.#endRun();
  }

  #endRun(): void {
    const counts = new Int32Array(COUNTS_LENGTH);
    const bytes = new Uint8Array(PIECE_LENGTH);
    const delta = new Uint8Array(CHANGE_LIMIT);
    let before: Int32Array | undefined;
    let fromUs = 0;
    let lastUs = 0;
    let length = 0;
    const endPiece = () => {
      if (before !== undefined)
        this.#onPiece({ run: this.#run, fromUs, counts: before, changes: bytes.slice(0, length) });
    };
    this.#inOrder((time, code) => {
      if (before === undefined || length > PIECE_LENGTH - CHANGE_LIMIT) {
        endPiece();
        before = counts.slice();
        fromUs = time;
        lastUs = time;
        length = 0;
      }
      for (let i = varintBefore(delta, CHANGE_LIMIT, time - lastUs); i < CHANGE_LIMIT; )
        bytes[length++] = delta[i++]!;
      bytes[length++] = code;
      lastUs = time;
      const left = LEFT[code]!;
      const entered = ENTERED[code]!;
      if (left >= 0) counts[left]!--;
      if (entered >= 0) counts[entered]!++;
    });
    endPiece();
    this.#length = 0;
    this.#run++;
  }

  /** Numbers sort ten times faster than a comparison sorts: time and code in one, where that is exact. */
  #inOrder(onChange: (time: number, code: number) => void): void {
    const times = this.#times.subarray(0, this.#length);
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < times.length; i++) {
      const time = times[i]!;
      if (time < first) first = time;
      if (time > last) last = time;
    }
    if ((last - first + 1) * ROOM <= Number.MAX_SAFE_INTEGER) {
      for (let i = 0; i < times.length; i++) times[i] = (times[i]! - first) * ROOM + this.#codes[i]!;
      times.sort();
      for (let i = 0; i < times.length; i++) {
        const offset = Math.floor(times[i]! / ROOM);
        onChange(first + offset, times[i]! - offset * ROOM);
      }
    } else {
      const order = Uint32Array.from(times, (_, i) => i).sort((a, b) => times[a]! - times[b]!);
      for (const i of order) onChange(times[i]!, this.#codes[i]!);
    }
  }
}
