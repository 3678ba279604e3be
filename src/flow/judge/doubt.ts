import { factOf, isOver, SND_FIN } from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import { ACKED_UNSEEN, HAS_SYN } from '../table/table-layout.ts';

// What was not captured may have been sent. Where one end's FIN is the first sign of a close, and the capture began
// just before or lacks what the other end sent last, that one may have closed before: then the sender of the FIN was
// in CLOSE_WAIT, and its peer is in TIME_WAIT, not in CLOSE_WAIT. The ACK of the FIN is the same in both.

/**
 * A filter may have left out a FIN or an ACK of the flow. One that is over has shown its close; the row of such a flow
 * may be made at any time after it, and must not depend on that.
 */
export function isFiltered(flows: Flows, flow: number): boolean {
  return flows.isFiltered && !isOver(flows.table, flow);
}

/** Neither end's SYN was captured, or shown by what answered it. */
export function isMidStream(flows: Flows, flow: number): boolean {
  return !flows.has(flow * 2, HAS_SYN) && !flows.has(flow * 2 + 1, HAS_SYN);
}

/**
 * One end's FIN is known, and nothing shows that its peer had not closed before: no SYN, data or FIN of the peer, or
 * its last segments are missing. Then the close states of both ends are unknown.
 */
export function isCloseInDoubt(flows: Flows, flow: number): boolean {
  const client = flow * 2;
  const ofClient = factOf(flows.table, client, SND_FIN) !== 0;
  const ofServer = factOf(flows.table, client + 1, SND_FIN) !== 0;
  if (ofClient === ofServer) return false;
  const peer = ofClient ? client + 1 : client;
  return flows.has(peer, ACKED_UNSEEN) || (isMidStream(flows, flow) && !flows.hasSentData(peer));
}
