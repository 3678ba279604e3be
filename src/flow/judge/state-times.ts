import { LIFE, LIFE_WIDTH } from '../format/columns.ts';
import { STATES } from '../format/words.ts';
import {
  evidenceOf,
  evidencesOf,
  FACT_COUNT,
  type Fact,
  factOf,
  INFERRED,
  PENDING,
  REOPENED,
} from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import type { FlowTable } from '../table/table.ts';
import { END_NUMBER_WIDTH, REPLACED_AT } from '../table/table-layout.ts';
import type { Trails } from '../table/trail.ts';
import { stateCode, transition, UNKNOWN } from './machine.ts';

// The life of an endpoint stands in its row, from index `l` on: when it entered each state (by the
// state's code; microseconds since the row's `first`), in which frame, and the evidence in one number.

const FRAMES = STATES.length;
const EVIDENCES = STATES.length * 2;
/** What a state's evidence is multiplied by in that number. */
const PLACES = Float64Array.from(STATES, (_, state) => 16 ** state);

const TIME_WAIT = stateCode('TIME_WAIT');
const CLOSED = stateCode('CLOSED');
const CLOSED_PLACE = 16 ** CLOSED;

const order = new Uint8Array(FACT_COUNT);
const rank = new Float64Array(FACT_COUNT);

/** Where the life of a client (0) or a server (1) starts in the row at index `r`. */
export function lifeOf(r: number, side: number): number {
  return r + LIFE + side * LIFE_WIDTH;
}

/**
 * Runs figure 5 over the settled facts of an endpoint, in the order of their frames. What it has not
 * been through must be NaN in the row. Returns the code of its last state, UNKNOWN where nothing was
 * seen of it.
 */
export function tellLife(flows: Flows, me: number, rows: Float64Array, l: number, first: number): number {
  const { table, trails } = flows;
  const count = sortFacts(table, trails, me);
  let state = UNKNOWN;
  let entered = Number.NEGATIVE_INFINITY;
  let evidences = 0;
  for (let i = 0; i < count; i++) {
    const fact = order[i] as Fact;
    const next = transition(state, fact);
    if (next === state) continue;
    const segment = factOf(table, me, fact);
    // A clock that jumped back does not make it earlier than the one before.
    entered = Math.max(trails.atOf(segment) - first, entered);
    rows[l + next] = entered;
    rows[l + FRAMES + next] = trails.frameOf(segment);
    evidences += evidenceOf(table, me, fact) * PLACES[next]!;
    state = next;
  }
  rows[l + EVIDENCES] = evidences;
  // No two sockets have the same addresses and ports. What ends a TIME_WAIT is judged in time-wait-end.ts.
  const replacedAt = table.endNumber[me * END_NUMBER_WIDTH + REPLACED_AT]!;
  if (replacedAt === 0 || state === UNKNOWN || state === TIME_WAIT || state === CLOSED) return state;
  endLife(rows, l, Math.max(replacedAt - first, entered), REOPENED);
  return CLOSED;
}

/** Ends a life without a frame that shows it, in place of any other end. */
export function endLife(rows: Float64Array, l: number, at: number, evidence: number): void {
  rows[l + CLOSED] = at;
  rows[l + FRAMES + CLOSED] = Number.NaN;
  rows[l + EVIDENCES]! += (evidence - evidenceOfEnd(rows, l)) * CLOSED_PLACE;
}

/** Code of the evidence for a life's end. CLOSED is the last of the states. */
export function evidenceOfEnd(rows: Float64Array, l: number): number {
  return Math.floor(rows[l + EVIDENCES]! / CLOSED_PLACE);
}

/** Within one frame facts go in figure 5's order: an ACK is handled before a FIN (RFC 9293 3.10.7.4). */
function sortFacts(table: FlowTable, trails: Trails, me: number): number {
  let count = 0;
  let evidences = evidencesOf(table, me);
  for (let fact = 0; evidences !== 0; fact++, evidences >>>= 4) {
    const evidence = evidences & 15;
    if (evidence === PENDING) continue;
    const at = trails.frameOf(factOf(table, me, fact as Fact)) * 2 - (evidence === INFERRED ? 1 : 0);
    let i = count++;
    for (; i > 0 && rank[i - 1]! > at; i--) {
      rank[i] = rank[i - 1]!;
      order[i] = order[i - 1]!;
    }
    rank[i] = at;
    order[i] = fact;
  }
  return count;
}

/** Where a fact stands in the order of capture, in half frames: an inferred one is older than the frame that gave it away. */
export function orderOf(table: FlowTable, trails: Trails, me: number, fact: Fact): number {
  const inferred = evidenceOf(table, me, fact) === INFERRED;
  return trails.frameOf(factOf(table, me, fact)) * 2 - (inferred ? 1 : 0);
}
