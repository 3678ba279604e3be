import { code } from '../../flow/format/word-table.ts';
import { CLIENT, STATES } from '../../flow/format/words.ts';

// How many ends were in which state, at any instant: every change of a state in order of time, packed,
// with the counts before each piece of them. Counts are additive, so flows are taken in runs as they
// come, each sorted on its own; the counts of all runs add up to those of the database.

/** Counts by state: the client's at the state's code, the server's `STATE_COUNT` further. CLOSED is not counted. */
export const STATE_COUNT = code(STATES, 'CLOSED');
export const COUNTS_LENGTH = 2 * STATE_COUNT;

/** A state that is not counted: before the first one known, CLOSED, and past the time a flow was watched. */
export const NO_STATE = STATE_COUNT;
/** Codes of states in a change. */
const CODES = STATE_COUNT + 1;

/** A piece of a run: changes in order of time, not many more than a page holds. */
export interface Piece {
  run: number;
  /** Time of the first change, microseconds since the epoch. */
  fromUs: number;
  /** The run's counts before it. */
  counts: Int32Array;
  /** For each change the microseconds since the one before (the first: since `fromUs`) as a varint, and its code. */
  changes: Uint8Array;
}

/** Counts as `timeline.counts` has them: a JSON array. */
export function countsJson(counts: Int32Array): string {
  return `[${counts.join(',')}]`;
}

/** A change as a byte: which end left which state for which other. */
export function changeCode(end: number, from: number, to: number): number {
  return (end * CODES + from) * CODES + to;
}

/** Index of the count that goes down by a change, and of that which goes up; -1 for NO_STATE. */
export const LEFT = countIndexes((code) => Math.trunc(code / CODES) % CODES);
export const ENTERED = countIndexes((code) => code % CODES);

function countIndexes(stateOf: (code: number) => number): Int8Array {
  return Int8Array.from({ length: 2 * CODES * CODES }, (_, code) => {
    const state = stateOf(code);
    return state === NO_STATE ? -1 : state + (code < CODES * CODES ? CLIENT : STATE_COUNT);
  });
}

/** A piece's changes one by one, each to be looked at before it is taken. */
export class PieceReader {
  /** Time of the change that comes next; Infinity after the last. */
  nextUs: number;
  readonly #changes: Uint8Array;
  #at = 0;

  constructor({ fromUs, changes }: Pick<Piece, 'fromUs' | 'changes'>) {
    this.#changes = changes;
    this.nextUs = fromUs;
    this.#readTime();
  }

  /** Takes the next change: its code. */
  take(): number {
    const code = this.#changes[this.#at++]!;
    this.#readTime();
    return code;
  }

  #readTime(): void {
    const changes = this.#changes;
    if (this.#at >= changes.length) {
      this.nextUs = Number.POSITIVE_INFINITY;
      return;
    }
    let delta = 0;
    let byte: number;
    do {
      byte = changes[this.#at++]!;
      delta = delta * 0x80 + (byte & 0x7f);
    } while (byte >= 0x80);
    this.nextUs += delta;
  }
}
