import { FIN } from '../../decode/segment.ts';
import { isAfter, isAtOrAfter, seqDiff } from '../../decode/sequence.ts';
import { code } from '../format/word-table.ts';
import { MEANINGS } from '../format/words.ts';
import {
  ACKED,
  clearFact,
  factOf,
  INFERRED,
  isPending,
  isSettled,
  PENDING,
  RCV_ACK_OF_FIN,
  RCV_FIN,
  SEEN,
  SENT,
  SND_FIN,
  setFact,
  settle,
} from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import {
  CLOSING_BEGUN,
  FIN_END,
  FIN_INFERRED,
  FINS,
  FLOW_WIDTH,
  HAS_FIN,
  LATE_DATA,
  LOGGED_DATA_AFTER_FIN,
  LOGGED_SHORT_ACK,
  PENDING_SYN,
  SND_NXT,
} from '../table/table-layout.ts';
import { noteDataBeforeFin } from './data.ts';
import { isBeyondWindow } from './foreign.ts';
import { rearmTimeWait } from './time-wait.ts';

// The close by FIN (RFC 9293 3.6): whether each end has sent one, whether it arrived, and whether its ACK
// came back. An ACK of FIN is recognised by its number, never by the flag. Each function handles the current
// segment of `flows`, which `me` sent.

const FIRST_FIN = code(MEANINGS, 'FIN');
const FIN_WITH_ACK_OF_FIN = code(MEANINGS, 'FIN, ACK of FIN');
const RETRANSMITTED_FIN = code(MEANINGS, 'retransmitted FIN');
const RETRANSMITTED_DATA = code(MEANINGS, 'retransmitted data');
const ACK_OF_FIN = code(MEANINGS, 'ACK of FIN');
const REPEATED_ACK_OF_FIN = code(MEANINGS, 'repeated ACK of FIN');
const SHORT_ACK = code(MEANINGS, 'ACK short of FIN');
const CHALLENGE_ACK = code(MEANINGS, 'challenge ACK');
const DATA_AFTER_FIN = code(MEANINGS, 'data after FIN');

/** A segment with FIN; its sequence space ends at `end`. */
export function finSent(flows: Flows, me: number, end: number): void {
  const { table, trails } = flows;
  flows.add(me, FINS);
  flows.setStatus(me >> 1, CLOSING_BEGUN);
  const known = flows.get(me, FIN_END);
  // A FIN that the peer has never reached had a broken number.
  if (flows.has(me, HAS_FIN) && known !== end && isBeyondWindow(flows, me, known)) takeBackFin(flows, me);
  if (flows.has(me, HAS_FIN)) {
    const entry = flows.note(me, RETRANSMITTED_FIN);
    trails.setMeaning(entry, RETRANSMITTED_FIN);
    if (known !== end) return;
    // It retransmits its FIN, so the captured ACK has not reached it.
    clearFact(table, me, RCV_ACK_OF_FIN);
    noteRetransmission(flows, me, entry);
    return;
  }
  noteDataBeforeFin(flows, me);
  flows.mark(me, HAS_FIN);
  flows.set(me, FIN_END, end);
  const entry = flows.note(me, FIRST_FIN);
  if (trails.meaningOf(entry) === ACK_OF_FIN) trails.setMeaning(entry, FIN_WITH_ACK_OF_FIN);
  else trails.setMeaning(entry, FIRST_FIN);
  setFact(table, me, SND_FIN, entry, SENT);
  setFact(table, me ^ 1, RCV_FIN, entry, PENDING);
  // Its FIN does not acknowledge the peer's: the two cross, and the peer's arrives after this.
  if (isPending(table, me, RCV_FIN)) setFact(table, me, RCV_FIN, entry, PENDING);
}

/** Data at or before a FIN already captured: it may fill the gap that the FIN has to wait for. */
export function dataBeforeFin(flows: Flows, me: number): void {
  if (isPending(flows.table, me ^ 1, RCV_FIN))
    noteRetransmission(flows, me, flows.note(me, RETRANSMITTED_DATA));
}

/** Data or FIN that the peer has not acknowledged is retransmitted: if this is what arrived, so did the ACK in it. */
function noteRetransmission(flows: Flows, me: number, entry: number): void {
  const peer = me ^ 1;
  const { table } = flows;
  if (!isPending(table, peer, RCV_FIN)) return;
  if (factOf(table, peer, RCV_ACK_OF_FIN) === factOf(table, peer, RCV_FIN)) {
    setFact(table, peer, RCV_ACK_OF_FIN, entry, SEEN);
  }
  setFact(table, peer, RCV_FIN, entry, PENDING);
}

/** The acknowledgment in a segment without RST, once the peer has sent a FIN. */
export function acksAfterFin(flows: Flows, me: number): void {
  const peer = me ^ 1;
  const { table, segment: s } = flows;
  const bare = s.payloadLength === 0 && (s.flags & FIN) === 0;
  const beyond = seqDiff(s.ack, flows.get(peer, FIN_END));
  if (beyond > 0) {
    // Nothing follows a FIN: a receiver that accepts data after it has not accepted the FIN.
    if (!isAfter(s.ack, flows.get(peer, SND_NXT))) takeBackFin(flows, peer);
    return;
  }
  if (beyond < 0) {
    if (bare) noteOnce(flows, me, LOGGED_SHORT_ACK, SHORT_ACK);
    return;
  }
  rearmTimeWait(flows, me);
  if (isPending(table, me, RCV_FIN)) finArrived(flows, me);
  if (flows.get(peer, PENDING_SYN) !== 0) {
    // The peer has sent a SYN since: this answers that, and its socket in LAST_ACK is long gone.
    flows.note(me, CHALLENGE_ACK);
  } else if (!isSettled(table, peer, RCV_ACK_OF_FIN)) {
    setFact(table, peer, RCV_ACK_OF_FIN, flows.note(me, ACK_OF_FIN), SEEN);
  } else if (bare) {
    flows.note(me, REPEATED_ACK_OF_FIN);
  }
  if (s.payloadLength > 0) noteOnce(flows, me, LOGGED_DATA_AFTER_FIN, DATA_AFTER_FIN);
}

/** Its ACK shows that the peer's FIN has reached it, and with it the ACK in the same segment. */
function finArrived(flows: Flows, me: number): void {
  const { table, trails } = flows;
  settle(table, me, RCV_FIN, ACKED);
  const fin = factOf(table, me, RCV_FIN);
  if (!flows.has(me, HAS_FIN) || trails.sideOf(fin) === (me & 1)) return;
  if (!isAtOrAfter(trails.ackOf(fin), flows.get(me, FIN_END))) return;
  const acked = factOf(table, me, RCV_ACK_OF_FIN);
  if (acked === 0 || trails.frameOf(acked) > trails.frameOf(fin))
    setFact(table, me, RCV_ACK_OF_FIN, fin, SEEN);
}

/**
 * An ACK one beyond all that was captured of the peer: its sender has received a FIN that was not captured.
 * If the peer then sends data, `takeBackFin` undoes this.
 */
export function inferPeerFin(flows: Flows, me: number): void {
  const peer = me ^ 1;
  const { table } = flows;
  const entry = flows.note(me, ACK_OF_FIN);
  flows.setStatus(me >> 1, CLOSING_BEGUN);
  flows.mark(peer, HAS_FIN | FIN_INFERRED);
  flows.set(peer, FIN_END, flows.segment.ack);
  setFact(table, peer, SND_FIN, entry, INFERRED);
  setFact(table, peer, RCV_ACK_OF_FIN, entry, SEEN);
  setFact(table, me, RCV_FIN, entry, INFERRED);
}

/**
 * A bare segment one beyond all that was captured of its sender: its FIN was not captured. If the segment
 * answers the peer's first FIN, its own FIN was sent before it arrived: a later one would have carried the ACK.
 */
export function inferOwnFin(flows: Flows, me: number): void {
  const { table } = flows;
  const entry = flows.note(me, ACK_OF_FIN);
  flows.setStatus(me >> 1, CLOSING_BEGUN);
  flows.mark(me, HAS_FIN | FIN_INFERRED);
  flows.set(me, FIN_END, flows.segment.seq);
  setFact(table, me, SND_FIN, entry, INFERRED);
  const answersFirst = factOf(table, me, RCV_FIN) === factOf(table, me ^ 1, SND_FIN);
  if (answersFirst && isPending(table, me, RCV_FIN)) setFact(table, me, RCV_FIN, entry, PENDING);
  setFact(table, me ^ 1, RCV_FIN, entry, PENDING);
}

/** Takes back a FIN that was none, or that was not accepted: its sender continues with data. */
export function takeBackFin(flows: Flows, me: number): void {
  flows.unmark(me, HAS_FIN | FIN_INFERRED);
  flows.table.flow[(me >> 1) * FLOW_WIDTH + LATE_DATA] = 0;
  clearFact(flows.table, me, SND_FIN);
  clearFact(flows.table, me, RCV_ACK_OF_FIN);
  clearFact(flows.table, me ^ 1, RCV_FIN);
}

function noteOnce(flows: Flows, me: number, bit: number, what: number): void {
  if (flows.has(me, bit)) return;
  flows.mark(me, bit);
  flows.note(me, what);
}
