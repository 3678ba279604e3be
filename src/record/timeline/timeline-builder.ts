import { varintBefore } from '../pages/varint.ts';
import { TimeSort } from './time-sort.ts';
import { COUNTS_LENGTH, changeCode, ENTERED, LEFT, NO_STATE, type Piece, STATE_COUNT } from './timeline.ts';

/** Changes in a run: more make for more memory, fewer for more runs to add up. */
const RUN_LENGTH = 1 << 18;
/** Bytes of a piece's changes: with its counts it fits a page. */
const PIECE_LENGTH = 12_288;
/** Codes of changes: changeCode() of both ends. */
const CODES = LEFT.length;
/** A varint of 8 bytes and a code. */
const CHANGE_LIMIT = 9;

/** Makes the timeline of the lives that are added, run by run. */
export class TimelineBuilder {
  readonly #onPiece: (piece: Piece) => void;
  readonly #changes: TimeSort;
  readonly #bytes = new Uint8Array(PIECE_LENGTH);
  /** So many of the bytes are in use. */
  #packed = 0;
  /** Changes that are packed, by code. */
  readonly #tally = new Int32Array(CODES);
  #run: number;

  /** @param run number of the first run */
  constructor(onPiece: (piece: Piece) => void, { run = 0, runLength = RUN_LENGTH } = {}) {
    this.#onPiece = onPiece;
    this.#run = run;
    this.#changes = new TimeSort(runLength);
  }

  /**
   * Adds the life of one end: `entered[at + state]` is when it entered each state (NaN: never), in
   * microseconds since `first`. If nothing later was seen, the last state counts up to `observed`,
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
    if (this.#changes.length > 0) this.#endRun();
  }

  /** A clock may be anywhere; times stay within what is exact. */
  #change(time: number, code: number): void {
    this.#changes.add(Math.min(Math.max(time, 0), Number.MAX_SAFE_INTEGER), code);
    if (this.#changes.isFull) this.#endRun();
  }

  #endRun(): void {
    this.#changes.sort();
    const counts = new Int32Array(COUNTS_LENGTH);
    for (let i = 0; i < this.#changes.length; ) i = this.#endPiece(i, counts);
    this.#changes.clear();
    this.#run++;
  }

  /** Makes a piece of the changes from `from` on, as many as it has room for, and counts them; returns where the next begins. */
  #endPiece(from: number, counts: Int32Array): number {
    const end = this.#pack(from);
    this.#onPiece({
      run: this.#run,
      fromUs: this.#changes.timeOf(from),
      counts: counts.slice(),
      changes: this.#bytes.slice(0, this.#packed),
    });
    count(this.#tally, counts);
    this.#tally.fill(0);
    return end;
  }

  /** A loop by itself: it runs long enough to be optimized before anything after it has run once. */
  #pack(from: number): number {
    const changes = this.#changes;
    const { length } = changes;
    let lastUs = changes.timeOf(from);
    let i = from;
    this.#packed = 0;
    for (; i < length && this.#packed <= PIECE_LENGTH - CHANGE_LIMIT; i++) {
      const time = changes.timeOf(i);
      this.#packChange(time - lastUs, changes.codeOf(i));
      lastUs = time;
    }
    return i;
  }

  #packChange(sinceUs: number, code: number): void {
    const at = writeVarint(this.#bytes, this.#packed, sinceUs);
    this.#bytes[at] = code;
    this.#packed = at + 1;
    this.#tally[code]!++;
  }
}

/** Adds up changes, `counts` of them of each code. */
function count(tally: Int32Array, counts: Int32Array): void {
  for (let code = 0; code < CODES; code++) {
    const left = LEFT[code]!;
    const entered = ENTERED[code]!;
    if (left >= 0) counts[left]! -= tally[code]!;
    if (entered >= 0) counts[entered]! += tally[code]!;
  }
}

/** Writes SQLite's variable-length integer, the highest bits first, at index `at`; returns where it ends. */
function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0x80) {
    bytes[at] = value;
    return at + 1;
  }
  if (value < 0x4000) {
    bytes[at] = (value >> 7) | 0x80;
    bytes[at + 1] = value & 0x7f;
    return at + 2;
  }
  let length = 2;
  for (let limit = 0x4000; value >= limit; limit *= 0x80) length++;
  varintBefore(bytes, at + length, value);
  return at + length;
}
