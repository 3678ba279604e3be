import { STATE_TIMES, STATE_TIMES_WIDTH } from '../format/columns.ts';
import { code } from '../format/word-table.ts';
import { STATES } from '../format/words.ts';
import { PENDING } from '../table/facts.ts';
import { UNKNOWN } from './machine.ts';

// The state times of an endpoint are in its row, from index `t` on: when it entered each state (by the
// state's code; microseconds since the row's `first`), in which frame, and the evidence in one number.

export const FRAMES = STATES.length;
export const EVIDENCES = STATES.length * 2;
/** The factor of a state's evidence in that number. */
export const PLACES = Float64Array.from(STATES, (_, state) => 16 ** state);

const CLOSED = code(STATES, 'CLOSED');

/** Index of the state times of a client (0) or a server (1) in the row at index `r`. */
export function stateTimesOf(r: number, side: number): number {
  return r + STATE_TIMES + side * STATE_TIMES_WIDTH;
}

/** Enters a state, in place of any other entry of it; NaN for never. */
export function enter(
  rows: Float64Array,
  t: number,
  state: number,
  at: number,
  frame: number,
  evidence: number,
): void {
  rows[t + state] = at;
  rows[t + FRAMES + state] = frame;
  rows[t + EVIDENCES]! += (evidence - evidenceIn(rows, t, state)) * PLACES[state]!;
}

/** The state, which it seemed to be in since then, is not known. */
export function setUnknown(rows: Float64Array, t: number, state: number, evidence: number): void {
  const [at, frame] = [rows[t + state]!, rows[t + FRAMES + state]!];
  enter(rows, t, state, Number.NaN, Number.NaN, PENDING);
  enter(rows, t, UNKNOWN, at, frame, evidence);
}

function evidenceIn(rows: Float64Array, t: number, state: number): number {
  return Math.floor(rows[t + EVIDENCES]! / PLACES[state]!) % 16;
}

/** Enters CLOSED without a frame that shows it, in place of any other entry. */
export function setClosed(rows: Float64Array, t: number, at: number, evidence: number): void {
  enter(rows, t, CLOSED, at, Number.NaN, evidence);
}

/** Code of the evidence for CLOSED. */
export function closedEvidence(rows: Float64Array, t: number): number {
  return evidenceIn(rows, t, CLOSED);
}
