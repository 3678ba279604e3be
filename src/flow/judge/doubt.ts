import { seqAdd } from '../../decode/sequence.ts';
import { factOf, isOver, SND_FIN, SND_RST } from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import { UNFILTERED } from '../table/segment-kinds.ts';
import { ACKED_UNSEEN, BASE, HAS_SYN, ONE_WAY, RCV_NXT } from '../table/table-layout.ts';

// What was not captured may have been sent. Where one end's FIN is the first sign of a close, and the capture began
// just before or lacks what the other end sent last, that one may have closed before: then the sender of the FIN was
// in CLOSE_WAIT, and its peer is in TIME_WAIT, not in CLOSE_WAIT. The ACK of the FIN is the same in both.

/**
 * What a filter let through of the flow (table/segment-kinds.ts). One that is over has shown its close; the row of such
 * a flow may be made at any time after it, and must not depend on that.
 */
export function filterOf(flows: Flows, flow: number): number {
  return isOver(flows.table, flow) ? UNFILTERED : flows.kinds.filter;
}

/** Neither end's SYN was captured, or shown by what answered it. */
export function isMidStream(flows: Flows, flow: number): boolean {
  return !flows.has(flow * 2, HAS_SYN) && !flows.has(flow * 2 + 1, HAS_SYN);
}

/**
 * One end's FIN is known, and nothing shows that its peer had not closed before: no SYN, data or FIN of the peer, its
 * last segments are missing, or all of them; or it is an RST, and all are. Then the close states of both ends are
 * unknown.
 */
export function isCloseInDoubt(flows: Flows, flow: number): boolean {
  const closer = onlyOneWith(flows, flow, SND_FIN);
  if (closer < 0) {
    const resetter = onlyOneWith(flows, flow, SND_RST);
    return resetter >= 0 && flows.hasStatus(flow, ONE_WAY) && hasSentUnseen(flows, resetter ^ 1);
  }
  const peer = closer ^ 1;
  if (flows.hasStatus(flow, ONE_WAY)) return hasSentUnseen(flows, peer);
  return flows.has(peer, ACKED_UNSEEN) || (isMidStream(flows, flow) && !flows.hasSentData(peer));
}

/** The end of which this is known, if it is known of one only; else -1. */
function onlyOneWith({ table }: Flows, flow: number, fact: typeof SND_FIN | typeof SND_RST): number {
  const client = flow * 2;
  const ofClient = factOf(table, client, fact) !== 0;
  const ofServer = factOf(table, client + 1, fact) !== 0;
  return ofClient === ofServer ? -1 : client + Number(ofServer);
}

/** Of an end of which nothing was captured: it has sent more than its SYN-ACK, which may have been a FIN. */
function hasSentUnseen(flows: Flows, me: number): boolean {
  return flows.get(me ^ 1, RCV_NXT) !== seqAdd(flows.get(me, BASE), 1);
}
