import { STATE_TIMES, STATE_TIMES_WIDTH } from '../format/columns.ts';
import { code } from '../format/word-table.ts';
import { STATES } from '../format/words.ts';
import {
  evidenceOf,
  evidencesOf,
  FACT_COUNT,
  type Fact,
  FILTERED,
  factOf,
  GAVE_UP,
  HOLE,
  INFERRED,
  isOver,
  MID_STREAM,
  PENDING,
  RCV_FIN,
  RCV_RST,
  REOPENED,
  SND_FIN,
  SND_RST,
} from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import { CONTROL_ONLY, DATA_ONLY } from '../table/segment-kinds.ts';
import type { FlowTable } from '../table/table.ts';
import { END_NUMBER_WIDTH, HAS_FIN, HAS_SYN, REPLACED_AT, SEGMENTS } from '../table/table-layout.ts';
import type { Trails } from '../table/trail.ts';
import { filterOf, isCloseInDoubt, isMidStream } from './doubt.ts';
import { answeredUnseenAt, gaveUpAt, hasToRepeat } from './gave-up.ts';
import { transition, UNKNOWN } from './machine.ts';

// The state times of an endpoint are in its row, from index `t` on: when it entered each state (by the
// state's code; microseconds since the row's `first`), in which frame, and the evidence in one number.

const FRAMES = STATES.length;
const EVIDENCES = STATES.length * 2;
/** The factor of a state's evidence in that number. */
const PLACES = Float64Array.from(STATES, (_, state) => 16 ** state);

const SYN_SENT = code(STATES, 'SYN_SENT');
const SYN_RECEIVED = code(STATES, 'SYN_RECEIVED');
const ESTABLISHED = code(STATES, 'ESTABLISHED');
const FIN_WAIT_1 = code(STATES, 'FIN_WAIT_1');
const TIME_WAIT = code(STATES, 'TIME_WAIT');
const LAST_ACK = code(STATES, 'LAST_ACK');
const CLOSED = code(STATES, 'CLOSED');

const order = new Uint8Array(FACT_COUNT);
const rank = new Float64Array(FACT_COUNT);

/** Index of the state times of a client (0) or a server (1) in the row at index `r`. */
export function stateTimesOf(r: number, side: number): number {
  return r + STATE_TIMES + side * STATE_TIMES_WIDTH;
}

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

/** What an end is in whose next segment, or the answer to it, is missing: it fell silent, or a filter left that out. */
function afterSilence(
  flows: Flows,
  me: number,
  rows: Float64Array,
  t: number,
  state: number,
  first: number,
  now: number,
): number {
  if (state === CLOSED || state === TIME_WAIT || isOver(flows.table, me >> 1)) return state;
  const entered = rows[t + state]!;
  const answered = answeredUnseenAt(flows, me, now);
  const peerAnswered = answeredUnseenAt(flows, me ^ 1, now);
  if (!Number.isNaN(answered) && state === LAST_ACK) {
    setClosed(rows, t, answered - first, HOLE);
    return CLOSED;
  }
  if (flows.kinds.filter === CONTROL_ONLY && isShownByAck(flows, me, state)) {
    // That it sent its FIN in ESTABLISHED is shown, and tells FINs that crossed.
    if (state === FIN_WAIT_1) enter(rows, t, UNKNOWN, entered, Number.NaN, FILTERED);
    else setUnknown(rows, t, state, FILTERED);
    return UNKNOWN;
  }
  const known = Number.isNaN(answered) ? peerAnswered : answered;
  if (!Number.isNaN(known) && state !== UNKNOWN) {
    enter(rows, t, UNKNOWN, Math.max(known - first, entered), Number.NaN, HOLE);
    return UNKNOWN;
  }
  if (!hasToRepeat(state)) return state;
  const gone = gaveUpAt(flows, me, state, now);
  if (Number.isNaN(gone)) return state;
  setClosed(rows, t, Math.max(gone - first, entered), GAVE_UP);
  return CLOSED;
}

/** What follows this state is shown by an ACK without SYN, FIN and RST. */
function isShownByAck(flows: Flows, me: number, state: number): boolean {
  if (state === SYN_SENT || state === SYN_RECEIVED) return flows.has(me ^ 1, HAS_SYN);
  return isAmidClose(state) || (state === ESTABLISHED && flows.has(me ^ 1, HAS_FIN));
}

/** Why a close that was not captured is not known: it came before the capture, or where something is missing. */
function doubtEvidence(flows: Flows, flow: number): number {
  return isMidStream(flows, flow) ? MID_STREAM : HOLE;
}

/** What comes next is shown by a FIN or an ACK. */
function isAmidClose(state: number): boolean {
  return state >= FIN_WAIT_1 && state < UNKNOWN && state !== TIME_WAIT;
}

/** Enters a state, in place of any other entry of it; NaN for never. */
function enter(
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
function setUnknown(rows: Float64Array, t: number, state: number, evidence: number): void {
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
