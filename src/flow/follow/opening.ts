import { ACK, FIN, RST } from '../../decode/segment.ts';
import { isAfter, isAtOrAfter, seqAdd } from '../../decode/sequence.ts';
import { code } from '../format/word-table.ts';
import { MEANINGS } from '../format/words.ts';
import {
  ACKED,
  clearFact,
  factOf,
  IMPLIED,
  INFERRED,
  isPending,
  isSettled,
  MID_STREAM,
  PENDING,
  RCV_ACK_OF_SYN,
  RCV_SYN,
  SEEN,
  SENT,
  SND_SYN,
  setFact,
  settle,
} from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import {
  BASE,
  HAS_SEQ,
  HAS_SYN,
  OPENING_DONE,
  RCV_NXT,
  RETRANSMISSIONS,
  ROUND_TRIP,
  SENT_NON_SYN,
  SND_NXT,
} from '../table/table-layout.ts';
import { expectsAnswer } from './duplicate.ts';
import { takeBackRst } from './reset.ts';

// The handshake (RFC 9293 3.5): from SYN to ESTABLISHED at both ends. Each function handles the current
// segment of `flows`, which `me` sent.

const FIRST_SYN = code(MEANINGS, 'SYN');
const RETRANSMITTED_SYN = code(MEANINGS, 'retransmitted SYN');
const FIRST_SYN_ACK = code(MEANINGS, 'SYN-ACK');
const RETRANSMITTED_SYN_ACK = code(MEANINGS, 'retransmitted SYN-ACK');
const ACK_OF_SYN = code(MEANINGS, 'ACK of SYN');
const FIRST_SEGMENT = code(MEANINGS, 'first segment');

/** A SYN of this flow. */
export function synSent(flows: Flows, me: number): void {
  const { table } = flows;
  const first = factOf(table, me, SND_SYN) === 0;
  const entry = flows.note(me, first ? FIRST_SYN : RETRANSMITTED_SYN);
  if (first) {
    startSequence(flows, me, flows.segment.seq);
    setFact(table, me, SND_SYN, entry, SENT);
    // Its SYN does not acknowledge the peer's: the two cross, and the peer's arrives after this.
    if (isPending(table, me, RCV_SYN)) setFact(table, me, RCV_SYN, entry, PENDING);
  } else {
    flows.add(me, RETRANSMISSIONS);
    expectsAnswer(flows, me ^ 1);
  }
  // The SYN-ACK answers the last SYN that arrived before it.
  if (!isSettled(table, me ^ 1, RCV_SYN)) setFact(table, me ^ 1, RCV_SYN, entry, PENDING);
}

/** A SYN-ACK of this flow. */
export function synAckSent(flows: Flows, me: number): void {
  const peer = me ^ 1;
  const { table, segment: s } = flows;
  takeBackRst(flows, me);
  const first = !isSettled(table, me, RCV_SYN) || flows.get(me, BASE) !== s.seq;
  const entry = flows.note(me, first ? FIRST_SYN_ACK : RETRANSMITTED_SYN_ACK);
  if (first) {
    startSequence(flows, me, s.seq);
    if (isPending(table, me, RCV_SYN)) {
      flows.set(me, ROUND_TRIP, timeSince(flows, factOf(table, me, RCV_SYN)));
      settle(table, me, RCV_SYN, ACKED);
    } else {
      setFact(table, me, RCV_SYN, entry, IMPLIED);
    }
  } else {
    flows.add(me, RETRANSMISSIONS);
  }
  if (!flows.has(peer, HAS_SYN)) {
    startSequence(flows, peer, seqAdd(s.ack, -1));
    setFact(table, peer, SND_SYN, entry, INFERRED);
  }
  if (!isSettled(table, peer, RCV_ACK_OF_SYN)) setFact(table, peer, RCV_ACK_OF_SYN, entry, PENDING);
  // It retransmits its SYN-ACK: the captured ACK has not reached it, unless this SYN-ACK is late.
  if (!first && !flows.has(me, SENT_NON_SYN) && isItsLast(flows, me)) {
    clearFact(table, me, RCV_ACK_OF_SYN);
    flows.clearStatus(me >> 1, OPENING_DONE);
  }
}

/** It has neither sent nor acknowledged anything beyond the current SYN-ACK. */
function isItsLast(flows: Flows, me: number): boolean {
  const { segment: s } = flows;
  return (
    flows.get(me, SND_NXT) === seqAdd(s.seq, 1 + s.payloadLength) &&
    isAtOrAfter(s.ack, flows.get(me, RCV_NXT))
  );
}

/** A segment without SYN and RST while the handshake is not complete. */
export function nonSynInHandshake(flows: Flows, me: number): void {
  const { table } = flows;
  if (!isSettled(table, me, RCV_ACK_OF_SYN)) opensItself(flows, me);
  opensPeer(flows, me);
  flows.mark(me, SENT_NON_SYN);
  if (isSettled(table, me, RCV_ACK_OF_SYN) && isSettled(table, me ^ 1, RCV_ACK_OF_SYN)) {
    flows.setStatus(me >> 1, OPENING_DONE);
  }
}

/** Its first ACK shows that the SYN-ACK has reached it, or that the flow was captured mid-stream. */
function opensItself(flows: Flows, me: number): void {
  const { table, segment: s } = flows;
  if (isPending(table, me, RCV_ACK_OF_SYN)) {
    if ((s.flags & ACK) === 0 || !isAfter(s.ack, flows.get(me ^ 1, BASE))) return;
    flows.set(me, ROUND_TRIP, timeSince(flows, factOf(table, me, RCV_ACK_OF_SYN)));
    settle(table, me, RCV_ACK_OF_SYN, ACKED);
  } else if (flows.has(me, HAS_SYN)) {
    // The SYN-ACK was not captured. The sender of a SYN-ACK is opened by the peer's ACK only.
    if (!isSettled(table, me, RCV_SYN))
      setFact(table, me, RCV_ACK_OF_SYN, flows.note(me, ACK_OF_SYN), IMPLIED);
    else if ((s.flags & ACK) !== 0 && isAfter(s.ack, flows.get(me ^ 1, SND_NXT))) opensUnseen(flows, me);
  } else if ((s.flags & (FIN | RST)) === 0 && !flows.has(me, SENT_NON_SYN)) {
    setFact(table, me, RCV_ACK_OF_SYN, flows.note(me, FIRST_SEGMENT), MID_STREAM);
  }
}

/** It acknowledges what its peer can only have sent after the SYN-ACK, and that was not captured. */
function opensUnseen(flows: Flows, me: number): void {
  const { table } = flows;
  setFact(table, me, RCV_ACK_OF_SYN, flows.note(me, FIRST_SEGMENT), IMPLIED);
  if (isPending(table, me ^ 1, RCV_ACK_OF_SYN)) settle(table, me ^ 1, RCV_ACK_OF_SYN, IMPLIED);
}

/** The ACK of a SYN-ACK moves the sender of the SYN-ACK to ESTABLISHED. */
function opensPeer(flows: Flows, me: number): void {
  const peer = me ^ 1;
  const { table, segment: s } = flows;
  if ((s.flags & ACK) === 0 || !isSettled(table, peer, RCV_SYN)) return;
  if (factOf(table, peer, RCV_ACK_OF_SYN) !== 0 || !isAfter(s.ack, flows.get(peer, BASE))) return;
  setFact(table, peer, RCV_ACK_OF_SYN, flows.note(me, ACK_OF_SYN), SEEN);
}

/** Sets an endpoint's initial sequence number. */
function startSequence(flows: Flows, me: number, isn: number): void {
  flows.mark(me, HAS_SYN | HAS_SEQ);
  flows.set(me, BASE, isn);
  flows.set(me, SND_NXT, seqAdd(isn, 1));
}

/** Microseconds from an entry of the trail to the current segment, 0 if the clock jumped. */
function timeSince(flows: Flows, entry: number): number {
  const took = flows.segment.timeUs - flows.trails.atOf(entry);
  return took > 0 && took < 0xffffffff ? took : 0;
}
