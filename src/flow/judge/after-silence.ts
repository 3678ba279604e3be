import { code } from '../format/word-table.ts';
import { STATES } from '../format/words.ts';
import { FILTERED, GAVE_UP, HOLE, isOver } from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import { CONTROL_ONLY } from '../table/segment-kinds.ts';
import { HAS_FIN, HAS_SYN } from '../table/table-layout.ts';
import { answeredUnseenAt, gaveUpAt, hasToRepeat } from './gave-up.ts';
import { UNKNOWN } from './machine.ts';
import { enter, setClosed, setUnknown } from './state-row.ts';

// The last state of an end that was heard of no more: it may have given up, or what followed was not captured.

const SYN_SENT = code(STATES, 'SYN_SENT');
const SYN_RECEIVED = code(STATES, 'SYN_RECEIVED');
const ESTABLISHED = code(STATES, 'ESTABLISHED');
const FIN_WAIT_1 = code(STATES, 'FIN_WAIT_1');
const TIME_WAIT = code(STATES, 'TIME_WAIT');
const LAST_ACK = code(STATES, 'LAST_ACK');
const CLOSED = code(STATES, 'CLOSED');

/** What an end is in whose next segment, or the answer to it, is missing: it fell silent, or a filter left that out. */
export function afterSilence(
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
    setClosed(rows, t, Math.max(answered - first, entered), HOLE);
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

/** What comes next is shown by a FIN or an ACK. */
export function isAmidClose(state: number): boolean {
  return state >= FIN_WAIT_1 && state < UNKNOWN && state !== TIME_WAIT;
}
