import { seqStep } from '../../decode/sequence.ts';
import type { Flows } from '../table/flows.ts';
import {
  ACKED_UNSEEN,
  BYTES,
  END_NUMBER_WIDTH,
  FIN_END,
  FLOW_WIDTH,
  HAS_FIN,
  HAS_SYN,
  MISSED,
  OPENING_DONE,
  PREVIOUS_MISSING,
  SEGMENTS,
  SND_NXT,
} from '../table/table-layout.ts';
import { inferPeerFin } from './closing.ts';
import { CONTENT_GAP, writeAtPowersOfTen } from './zeek.ts';

// What a capture lacks of an endpoint, as its peer's acknowledgments show it. Each function handles the current
// segment of `flows`, which `me` sent, or counts for the endpoint `me`.

/**
 * Its SND.NXT is known, by a SYN or data: a bare segment met mid-stream may be a keep-alive, whose number is one
 * below (RFC 9293 3.8.4).
 */
export function hasSentNumbers(flows: Flows, me: number): boolean {
  return flows.has(me, HAS_SYN) || flows.hasSentData(me);
}

/** Its handshake is done, no FIN of it is known, and all that it sent was captured. */
export function isEstablishedWithoutGaps(flows: Flows, me: number): boolean {
  return flows.hasStatus(me >> 1, OPENING_DONE) && !flows.has(me, HAS_FIN | ACKED_UNSEEN | PREVIOUS_MISSING);
}

/** It acknowledges more than was captured of its peer: a gap, or a FIN if it is one number only. */
export function handleAckOfUnseen(flows: Flows, me: number, beyond: number): void {
  const peer = me ^ 1;
  if (beyond === 1 && !hasSentNumbers(flows, peer)) {
    // A keep-alive is answered, or a FIN that is missing: nothing shows which.
  } else if (beyond === 1 && isEstablishedWithoutGaps(flows, peer)) {
    countMissed(flows, peer);
    inferPeerFin(flows, me);
  } else {
    countGap(flows, peer);
    flows.mark(peer, ACKED_UNSEEN);
    flows.table.endNumber[peer * END_NUMBER_WIDTH + BYTES]! += beyond;
  }
  flows.set(peer, SND_NXT, flows.segment.ack);
}

/** It acknowledges what is before a FIN beyond any window: what is between was not captured. */
export function handleAckBeforeFarFin(flows: Flows, me: number): void {
  const peer = me ^ 1;
  const fin = flows.get(peer, FIN_END);
  countGap(flows, peer);
  flows.table.endNumber[peer * END_NUMBER_WIDTH + BYTES]! += seqStep(fin, flows.get(peer, SND_NXT)) - 1;
  flows.set(peer, SND_NXT, fin);
}

/** Its peer has received a segment that was not captured. */
export function countGap(flows: Flows, me: number): void {
  flows.unmark(me, PREVIOUS_MISSING);
  // If nothing at all of an end is captured, the capture has one direction only.
  if (flows.get(me, SEGMENTS) === 0) return;
  countMissed(flows, me);
  writeAtPowersOfTen(flows, me, CONTENT_GAP);
}

/** A segment of it was acknowledged that was never captured (Wireshark: ACKed unseen segment). */
export function countMissed(flows: Flows, me: number): void {
  flows.countMissed();
  flows.table.flow[(me >> 1) * FLOW_WIDTH + MISSED + (me & 1)]!++;
}
