import { code } from '../format/word-table.ts';
import { MEANINGS } from '../format/words.ts';
import { factOf, isSettled, RCV_ACK_OF_FIN, RCV_FIN, SND_FIN } from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import { REARMED, REARMED_BY } from '../table/table-layout.ts';

// TIME_WAIT (RFC 9293 3.6.1): when an endpoint enters it, and when it is re-armed, that is when its
// timer starts again from 2 MSL. How and when it ended is judged in judge/time-wait-end.ts.

const REPEATED_ACK_OF_FIN = code(MEANINGS, 'repeated ACK of FIN');

/** An endpoint is in TIME_WAIT: it sent its FIN before it received the peer's, and both have arrived. */
export function isInTimeWait(flows: Flows, me: number): boolean {
  return isSettled(flows.table, me, RCV_ACK_OF_FIN) && hasClosedBeforePeer(flows, me);
}

/** It sent its FIN before it received the peer's: the ACK of its FIN is all that TIME_WAIT needs. */
export function hasClosedBeforePeer({ table, trails }: Flows, me: number): boolean {
  const sent = factOf(table, me, SND_FIN);
  if (sent === 0 || !isSettled(table, me, RCV_FIN)) return false;
  return trails.frameOf(sent) <= trails.frameOf(factOf(table, me, RCV_FIN));
}

/**
 * The current segment, which `me` sent, acknowledges the peer's FIN: if the peer is in TIME_WAIT, the
 * segment re-arms it. The RFC names a retransmitted FIN only (3.10.7.4); Linux re-arms on any late segment
 * with ACK (tcp_timewait_state_process).
 */
export function rearmTimeWait(flows: Flows, me: number): void {
  const holder = me ^ 1;
  if (!isInTimeWait(flows, holder)) return;
  flows.add(holder, REARMED);
  flows.set(holder, REARMED_BY, flows.note(me, REPEATED_ACK_OF_FIN));
}
