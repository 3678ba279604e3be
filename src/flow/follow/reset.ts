import { ACK, FIN, SYN } from '../../decode/segment.ts';
import { isAfter, isAtOrAfter, LARGEST_WINDOW, seqDiff } from '../../decode/sequence.ts';
import { code } from '../format/word-table.ts';
import { MEANINGS, RESET_EVIDENCE } from '../format/words.ts';
import {
  clearFact,
  evidenceOf,
  factOf,
  IMPLIED,
  isAsking,
  isPending,
  isSettled,
  PENDING,
  RCV_ACK_OF_FIN,
  RCV_ACK_OF_SYN,
  RCV_FIN,
  RCV_RST,
  RCV_SYN,
  RST_RECEIVED,
  RST_SENT,
  SND_RST,
  SND_SYN,
  setFact,
  settle,
} from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import {
  BASE,
  CLOSING_BEGUN,
  END_NUMBER_WIDTH,
  FIN_END,
  HAS_ACK,
  HAS_FIN,
  HAS_SEQ,
  HAS_SYN,
  RCV_NXT,
  RESET_EVIDENCE_MASK,
  RESET_EVIDENCE_SHIFT,
  ROUND_TRIP,
  RSTS,
  SEEN_AT,
  SND_NXT,
  WINDOW_CLOSED,
} from '../table/table-layout.ts';
import { resetsForeign } from './foreign.ts';
import { noteWindow } from './receive-window.ts';
import { evidenceForReset } from './reset-kind.ts';
import { isInTimeWait } from './time-wait.ts';

// The close by RST (RFC 9293 3.5.2, 3.10.7, RFC 5961 3). An RST that is not acceptable changes no state. If
// an end continues after an RST, the RST has not reached it, or did not come from its peer. Each function
// handles the current segment of `flows`, which `me` sent.

const RST_FIRST = code(MEANINGS, 'RST');
const RST_REPEATED = code(MEANINGS, 'repeated RST');
const RST_IN_TIME_WAIT = code(MEANINGS, 'RST in TIME_WAIT');
const RST_AFTER_CLOSE = code(MEANINGS, 'RST after the close');
const RST_OUT_OF_WINDOW = code(MEANINGS, 'RST out of window');
const RST_REFUSING_SYN = code(MEANINGS, 'RST refusing SYN');
const RST_SPURIOUS = code(MEANINGS, 'spurious RST');
const SENDER_WENT_ON = code(RESET_EVIDENCE, 'sender-went-on');

/** A segment captured within the round trip and this many microseconds after an RST may have been in flight. */
const SLACK_US = 1_000;
const UNKNOWN_ROUND_TRIP_US = 200_000;

/** A segment with RST. */
export function rstSent(flows: Flows, me: number): void {
  const peer = me ^ 1;
  const { table } = flows;
  flows.add(me, RSTS);
  if (flows.has(me, WINDOW_CLOSED)) noteWindow(flows, me);
  if (resetsForeign(flows, me)) {
    flows.note(me, RST_SPURIOUS);
    return;
  }
  if (!isAcceptable(flows, me)) {
    flows.note(me, RST_OUT_OF_WINDOW);
    return;
  }
  takeBackRst(flows, me);
  flows.setStatus(me >> 1, CLOSING_BEGUN);
  const entry = flows.note(me, rstMeaning(flows, me));
  provesRstAccepted(flows, me);
  if (factOf(table, me, SND_RST) === 0) {
    // After an RST the socket is gone: what its kernel answers says nothing about why.
    if (factOf(table, me, RCV_RST) === 0)
      setEvidence(flows, me, code(RESET_EVIDENCE, evidenceForReset(flows, me)));
    setFact(table, me, SND_RST, entry, RST_SENT);
    settleSynAckFromRst(flows, me);
    settleFinFromRst(flows, me);
    takeBackAckOfFin(flows, me);
  }
  if (!mayHaveReceivedRst(flows, peer)) {
    setFact(table, peer, RCV_RST, entry, RST_RECEIVED);
    // At the number after the FIN it is acceptable only to an end that has received the FIN.
    const afterFin = flows.has(me, HAS_FIN) && flows.segment.seq === flows.get(me, FIN_END);
    if (afterFin && isPending(table, peer, RCV_FIN)) settle(table, peer, RCV_FIN, IMPLIED);
  }
}

/**
 * The current segment, which `me` sent, answers a SYN that was sent again after an RST: its sender was in SYN_SENT
 * all along. Windows sends a refused SYN twice more, after half a second each.
 */
export function takeBackRst(flows: Flows, me: number): void {
  const peer = me ^ 1;
  const { table, trails } = flows;
  const syn = factOf(table, me, RCV_SYN);
  const rst = factOf(table, me, SND_RST) || factOf(table, peer, SND_RST);
  if (rst === 0 || syn === 0 || !isAsking(table, peer) || trails.frameOf(syn) < trails.frameOf(rst)) return;
  if (trails.meaningOf(rst) !== RST_REFUSING_SYN) trails.setMeaning(rst, RST_SPURIOUS);
  flows.clearStatus(me >> 1, RESET_EVIDENCE_MASK);
  for (const end of [me, peer]) {
    clearFact(table, end, SND_RST);
    clearFact(table, end, RCV_RST);
  }
}

function setEvidence(flows: Flows, me: number, evidence: number): void {
  flows.clearStatus(me >> 1, RESET_EVIDENCE_MASK);
  flows.setStatus(me >> 1, evidence << RESET_EVIDENCE_SHIFT);
}

/**
 * The current RST, without ACK, shows that `me` has no socket (RFC 9293 3.10.7.1). If all that was captured of it
 * since an RST whose sender went on was under way then, it has accepted that one.
 */
function provesRstAccepted(flows: Flows, me: number): void {
  const { table, trails, segment: s } = flows;
  if ((s.flags & ACK) !== 0 || factOf(table, me, RCV_RST) !== 0) return;
  if (flows.resetEvidenceOf(me >> 1) !== SENDER_WENT_ON) return;
  for (let entry = trails.first(table, me >> 1); entry !== 0; entry = trails.nextOf(entry)) {
    if (trails.meaningOf(entry) !== RST_SPURIOUS || trails.sideOf(entry) === (me & 1)) continue;
    if (!mayHaveBeenInFlight(flows, me, flows.lastSeen, entry)) continue;
    trails.setMeaning(entry, RST_FIRST);
    setFact(table, me, RCV_RST, entry, RST_RECEIVED);
    return;
  }
}

/** What `me` sent at this time may have been on its way when an RST was captured. */
function mayHaveBeenInFlight(flows: Flows, me: number, at: number, rst: number): boolean {
  const trip = flows.get(me, ROUND_TRIP) || UNKNOWN_ROUND_TRIP_US;
  return at - flows.trails.atOf(rst) <= trip * 1.5 + SLACK_US;
}

/** An RST was captured before, and nothing of this end since but RSTs, which an end without socket sends, too. */
function mayHaveReceivedRst({ table, trails }: Flows, me: number): boolean {
  const received = factOf(table, me, RCV_RST);
  if (received === 0 || factOf(table, me, SND_RST) !== 0) return received !== 0;
  return table.endNumber[me * END_NUMBER_WIDTH + SEEN_AT]! <= trails.atOf(received);
}

/** A segment without RST after an RST of this flow: the RST has not ended its sender. */
export function handleSegmentAfterRst(flows: Flows, me: number): void {
  const { table, trails } = flows;
  const received = factOf(table, me, RCV_RST);
  if (received !== 0) {
    if (
      !mayHaveBeenInFlight(flows, me, flows.segment.timeUs, received) ||
      isChallengeAck(flows, me, received)
    ) {
      clearFact(table, me, RCV_RST);
      if (evidenceOf(table, me, RCV_FIN) === IMPLIED) settle(table, me, RCV_FIN, PENDING);
    }
  }
  const sent = factOf(table, me, SND_RST);
  if (sent !== 0 && flows.segment.timeUs - trails.atOf(sent) > SLACK_US * 3) {
    trails.setMeaning(sent, RST_SPURIOUS);
    setEvidence(flows, me, SENDER_WENT_ON);
    clearFact(table, me, SND_RST);
    if (factOf(table, me ^ 1, RCV_RST) === sent) clearFact(table, me ^ 1, RCV_RST);
  }
}

/**
 * A bare ACK short of the RST's number, as an endpoint answers an RST that is out of order (RFC 5961 3.2). It
 * has the number that its sender expects now; an ACK with an older one was in flight.
 */
function isChallengeAck(flows: Flows, me: number, rst: number): boolean {
  const { segment: s, trails } = flows;
  if (s.payloadLength > 0 || (s.flags & (ACK | FIN | SYN)) !== ACK) return false;
  if (flows.has(me, HAS_ACK) && !isAtOrAfter(s.ack, flows.get(me, RCV_NXT))) return false;
  return !isAtOrAfter(s.ack, trails.seqOf(rst));
}

/**
 * The peer accepts the current RST, or answers it with a challenge ACK, as it does up to the largest window
 * beyond the expected number (RFC 5961 3.2).
 */
function isAcceptable(flows: Flows, me: number): boolean {
  const peer = me ^ 1;
  const { table, segment: s } = flows;
  if (!flows.has(peer, HAS_ACK)) {
    if (factOf(table, peer, SND_SYN) !== 0) {
      // In SYN_SENT only the ACK field counts (RFC 9293 3.10.7.3).
      const acked = seqDiff(s.ack, flows.get(peer, BASE));
      if ((s.flags & ACK) !== 0 && acked > 0 && !isAfter(s.ack, flows.get(peer, SND_NXT))) return true;
      // After the SYN-ACK, what the peer answered may not have been captured.
      const off = seqDiff(s.seq, flows.get(me, SND_NXT));
      return flows.has(me, HAS_SYN) && off >= 0 && off <= LARGEST_WINDOW;
    }
    return !flows.has(me, HAS_SEQ) || Math.abs(seqDiff(s.seq, flows.get(me, SND_NXT))) <= LARGEST_WINDOW;
  }
  const off = seqDiff(s.seq, flows.get(peer, RCV_NXT));
  // Linux tcp_timewait_state_process: nothing but an RST at rcv_nxt ends a TIME_WAIT (RFC 1337).
  if (isInTimeWait(flows, peer)) return off === 0;
  // After a FIN, Linux accepts it also at rcv_nxt - 1 (tcp_reset_check).
  if (off === -1) return flows.has(me, HAS_FIN);
  return off >= 0 && off <= LARGEST_WINDOW;
}

/** Where there is no connection an RST has no ACK (RFC 9293 3.10.7.1): one that aborts had accepted the SYN-ACK. */
function settleSynAckFromRst(flows: Flows, me: number): void {
  const { table, segment: s } = flows;
  if ((s.flags & (ACK | SYN)) !== ACK || !isPending(table, me, RCV_ACK_OF_SYN)) return;
  const isNext = s.seq === flows.get(me, SND_NXT) && isAfter(s.ack, flows.get(me ^ 1, BASE));
  if (isNext) settle(table, me, RCV_ACK_OF_SYN, IMPLIED);
}

/** Linux puts its rcv_nxt into the ACK of an RST that aborts a socket, which shows whether it has received the FIN. */
function settleFinFromRst(flows: Flows, me: number): void {
  const { table, segment: s } = flows;
  if ((s.flags & (ACK | SYN)) !== ACK || !isPending(table, me, RCV_FIN)) return;
  if (s.ack === flows.get(me ^ 1, FIN_END)) settle(table, me, RCV_FIN, IMPLIED);
}

/**
 * An RST without ACK has the number that the segment acknowledged which it answers (RFC 9293 3.10.7.1): where that is
 * short of the FIN, data has ended the socket before the ACK of its FIN arrived.
 */
function takeBackAckOfFin(flows: Flows, me: number): void {
  const { table, segment: s } = flows;
  if ((s.flags & ACK) !== 0 || !flows.has(me, HAS_FIN) || factOf(table, me, RCV_ACK_OF_FIN) === 0) return;
  if (seqDiff(flows.get(me, FIN_END), s.seq) === 1) clearFact(table, me, RCV_ACK_OF_FIN);
}

/** The meaning of an RST that the peer accepts. */
function rstMeaning(flows: Flows, me: number): number {
  const peer = me ^ 1;
  const { table } = flows;
  if (factOf(table, me, SND_RST) !== 0) return RST_REPEATED;
  if (isAsking(table, peer)) return RST_REFUSING_SYN;
  if (!isSettled(table, me, RCV_ACK_OF_FIN) || !isSettled(table, peer, RCV_ACK_OF_FIN)) return RST_FIRST;
  return isInTimeWait(flows, peer) ? RST_IN_TIME_WAIT : RST_AFTER_CLOSE;
}
