import { code } from '../format/word-table.ts';
import { STATES } from '../format/words.ts';
import {
  evidenceOf,
  evidencesOf,
  FACT_COUNT,
  type Fact,
  FILTERED,
  factOf,
  HOLE,
  INFERRED,
  MID_STREAM,
  PENDING,
  RCV_FIN,
  RCV_RST,
  REOPENED,
  SND_FIN,
  SND_RST,
} from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import { DATA_ONLY } from '../table/segment-kinds.ts';
import type { FlowTable } from '../table/table.ts';
import { END_NUMBER_WIDTH, REPLACED_AT, SEGMENTS } from '../table/table-layout.ts';
import type { Trails } from '../table/trail.ts';
import { afterSilence, isAmidClose } from './after-silence.ts';
import { filterOf, isCloseInDoubt, isMidStream } from './doubt.ts';
import { transition, UNKNOWN } from './machine.ts';
import { EVIDENCES, enter, FRAMES, PLACES, setClosed, setUnknown } from './state-row.ts';

const TIME_WAIT = code(STATES, 'TIME_WAIT');
const CLOSED = code(STATES, 'CLOSED');

const order = new Uint8Array(FACT_COUNT);
const rank = new Float64Array(FACT_COUNT);

/**
 * Runs figure 5 over the settled facts of an endpoint, in the order of their frames, and writes when it
 * entered each state into its row, which must be NaN from index `t` on. Returns the code of its last
 * state; one that was not entered is UNKNOWN, of an end that never answered a SYN.
 * @param now how far the flow was watched, microseconds since the epoch
 */
export function fillStateTimes(
  flows: Flows,
  me: number,
  rows: Float64Array,
  t: number,
  first: number,
  now: number,
): number {
  const { table, trails } = flows;
  const count = sortFacts(table, trails, me);
  const closeIsInDoubt = isCloseInDoubt(flows, me >> 1);
  let inDoubt = false;
  let state = UNKNOWN;
  let entered = Number.NEGATIVE_INFINITY;
  let evidences = 0;
  for (let i = 0; i < count; i++) {
    const fact = order[i] as Fact;
    if (closeIsInDoubt && fact >= SND_FIN) inDoubt = true;
    const next = inDoubt && fact < SND_RST && state !== CLOSED ? UNKNOWN : transition(state, fact);
    if (next === state) continue;
    const entry = factOf(table, me, fact);
    // A clock that jumped back does not make it earlier than the one before.
    entered = Math.max(trails.atOf(entry) - first, entered);
    rows[t + next] = entered;
    const frame = trails.frameOf(entry);
    // No frame shows when an RST arrived that was still under way.
    rows[t + FRAMES + next] = frame * 2 < rank[i]! ? Number.NaN : frame;
    const why = next === UNKNOWN ? doubtEvidence(flows, me >> 1) : evidenceOf(table, me, fact);
    evidences += why * PLACES[next]!;
    state = next;
  }
  rows[t + EVIDENCES] = evidences;
  if (closeIsInDoubt && !inDoubt && state !== UNKNOWN && flows.get(me, SEGMENTS) === 0) {
    // Of an end that was not captured nothing shows what it made of its peer's FIN.
    const fin = factOf(table, me ^ 1, SND_FIN) || factOf(table, me ^ 1, SND_RST);
    entered = Math.max(trails.atOf(fin) - first, entered);
    enter(rows, t, UNKNOWN, entered, trails.frameOf(fin), HOLE);
    state = UNKNOWN;
  }
  if (isAmidClose(state) && filterOf(flows, me >> 1) === DATA_ONLY) {
    setUnknown(rows, t, state, FILTERED);
    state = UNKNOWN;
  } else if (state === UNKNOWN && entered < 0 && isMidStream(flows, me >> 1)) {
    entered = 0;
    enter(rows, t, UNKNOWN, entered, Number.NaN, MID_STREAM);
  }
  const replacedAt = table.endNumber[me * END_NUMBER_WIDTH + REPLACED_AT]!;
  if (replacedAt === 0) return afterSilence(flows, me, rows, t, state, first, now);
  // A 4-tuple has one socket at a time: the new one has replaced this. For TIME_WAIT see time-wait-end.ts.
  if (Number.isNaN(rows[t + state]!) || state === TIME_WAIT || state === CLOSED) return state;
  setClosed(rows, t, Math.max(replacedAt - first, entered), REOPENED);
  return CLOSED;
}

/** Why a close that was not captured is not known: it came before the capture, or where something is missing. */
function doubtEvidence(flows: Flows, flow: number): number {
  return isMidStream(flows, flow) ? MID_STREAM : HOLE;
}

/** Sorts the settled facts by frame; within one frame an ACK comes before a FIN (RFC 9293 3.10.7.4). */
function sortFacts(table: FlowTable, trails: Trails, me: number): number {
  let count = 0;
  let evidences = evidencesOf(table, me);
  for (let fact = 0; evidences !== 0; fact++, evidences >>>= 4) {
    const evidence = evidences & 15;
    if (evidence === PENDING) continue;
    let at = orderOf(table, trails, me, fact as Fact);
    // An end that still closed after the RST was captured had not received it yet (follow/reset.ts).
    if (fact === RCV_RST) at = Math.max(at, rankOf(SND_FIN, count), rankOf(RCV_FIN, count));
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

/** The rank of a fact that is among the first `count` in the order, else 0. */
function rankOf(fact: Fact, count: number): number {
  for (let i = 0; i < count; i++) if (order[i] === fact) return rank[i]!;
  return 0;
}

/** Position of a fact in the order of capture, in half frames: an inferred one is older than the frame that shows it. */
export function orderOf(table: FlowTable, trails: Trails, me: number, fact: Fact): number {
  const inferred = evidenceOf(table, me, fact) === INFERRED;
  return trails.frameOf(factOf(table, me, fact)) * 2 - (inferred ? 1 : 0);
}
