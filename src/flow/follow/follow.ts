import { ACK, FIN, RST, type Segment, SYN } from '../../decode/segment.ts';
import { isAfter, isAtOrAfter, seqAdd, seqDiff, seqStep } from '../../decode/sequence.ts';
import { code } from '../format/word-table.ts';
import { MEANINGS } from '../format/words.ts';
import type { Flows } from '../table/flows.ts';
import {
  ACKED_UNSEEN,
  BASE,
  BITS,
  BYTES,
  COMPLETENESS_SHIFT,
  DATA_FRAME,
  DIGEST,
  END_NUMBER_WIDTH,
  END_WIDTH,
  FIN_END,
  FIN_INFERRED,
  FLOW_TIME_WIDTH,
  FLOW_WIDTH,
  HAS_ACK,
  HAS_FIN,
  HAS_SEQ,
  HAS_SYN,
  LAST_AT,
  LAST_FRAME,
  MISSING_SEQ,
  OPENING_DONE,
  PREVIOUS_MISSING,
  RCV_NXT,
  REPEATS_MASK,
  RESUMED_BY,
  RETRANSMISSIONS,
  SCALE_SHIFT,
  SEEN_AT,
  SEGMENTS,
  SND_NXT,
  STACK_MASK,
  STACK_SHIFT,
  STATUS,
  TTL_SHIFT,
  WINDOW_CLOSED,
} from '../table/table-layout.ts';
import { acksAfterFin, dataBeforeFin, finSent, inferOwnFin, takeBackFin } from './closing.ts';
import { completenessBits } from './completeness.ts';
import { noteData, noteDataAcked, noteDataAtFin } from './data.ts';
import { acknowledgedNew, firstAnswer } from './directions.ts';
import { noteDsack } from './dsack.ts';
import { isBeyondWindow, isForeign, noteOutOfWindow, UNSCALED_WINDOW } from './foreign.ts';
import {
  countGap,
  countMissed,
  handleAckBeforeFarFin,
  handleAckOfUnseen,
  hasSentNumbers,
  isEstablishedWithoutGaps,
} from './gaps.ts';
import { nonSynInHandshake, synAckSent, synSent } from './opening.ts';
import { noteWindow } from './receive-window.ts';
import { handleSegmentAfterRst, rstSent } from './reset.ts';
import { countRepeat, hasNew, noteBeforeSilence } from './silence.ts';
import { stackOf } from './syn-fingerprint.ts';
import { observeZeek, RETRANSMISSION, writeAtPowersOfTen } from './zeek.ts';

const KEEP_ALIVE = code(MEANINGS, 'keep-alive');
const AFTER_SILENCE = code(MEANINGS, 'after a long silence');
/** Shorter than the idle timeout of any middlebox. */
export const LONG_SILENCE_US = 4_000_000;

/**
 * Follows one flow, segment by segment: keeps the sequence numbers of both ends, and leaves handshake and
 * close to opening.ts, closing.ts and reset.ts. The flow and the end that a segment belongs to are decided
 * before, in tracker.ts and reuse.ts.
 *
 * @param digest the segment's, from digestOf
 */
export function follow(flows: Flows, me: number, s: Segment, digest: number): void {
  const { table } = flows;
  const { end, flow: columns } = table;
  const flow = me >> 1;
  const e = me * END_WIDTH;
  end[e + DIGEST] = digest;
  flows.begin(s);
  flows.lastSeen = table.endNumber[me * END_NUMBER_WIDTH + SEEN_AT]!;
  table.endNumber[me * END_NUMBER_WIDTH + SEEN_AT] = s.timeUs;
  const silence = s.timeUs - table.flowTime[flow * FLOW_TIME_WIDTH + LAST_AT]!;
  table.flowTime[flow * FLOW_TIME_WIDTH + LAST_AT] = s.timeUs;
  const lastFrame = columns[flow * FLOW_WIDTH + LAST_FRAME]!;
  columns[flow * FLOW_WIDTH + LAST_FRAME] = s.frame;
  if (end[e + SEGMENTS]!++ === 0) {
    end[e + BITS]! |= (s.ttl << TTL_SHIFT) >>> 0;
    if (end[(me ^ 1) * END_WIDTH + SEGMENTS]! > 0) firstAnswer(flows, flow);
  }

  const { flags } = s;
  columns[flow * FLOW_WIDTH + STATUS]! |= completenessBits(s) << COMPLETENESS_SHIFT;
  observeZeek(flows, me);

  if ((flags & RST) !== 0) {
    if (silence > LONG_SILENCE_US) noteBeforeSilence(flows, me, lastFrame, silence);
    rstSent(flows, me);
    return;
  }
  // Nearly every segment acknowledges exactly what its peer has sent.
  if (s.ack !== end[(me ^ 1) * END_WIDTH + SND_NXT] && isForeign(flows, me)) return;
  if (silence > LONG_SILENCE_US && hasNew(flows, me)) noteBeforeSilence(flows, me, lastFrame, silence);
  if ((flags & SYN) !== 0) {
    noteSynOptions(flows, me);
    if ((flags & ACK) !== 0) synAckSent(flows, me);
    else synSent(flows, me);
  } else if (!flows.isEstablished(flow)) {
    if (!flows.hasStatus(flow, OPENING_DONE)) nonSynInHandshake(flows, me);
    handleSegmentAfterRst(flows, me);
  }
  if (isKeepAlive(flows, me)) flows.note(me, KEEP_ALIVE);
  const next = end[e + SND_NXT]!;
  const acked = end[e + RCV_NXT]!;
  advance(flows, me);
  if ((flags & ACK) !== 0) acknowledge(flows, me);
  if ((flags & FIN) !== 0) finSent(flows, me, endOf(s));
  if (end[e + DATA_FRAME] === s.frame && flows.has(me ^ 1, HAS_FIN)) noteDataAtFin(flows, me);
  // What is sent again belongs to the loss before the silence.
  const isNew = end[e + SND_NXT] !== next || end[e + RCV_NXT] !== acked;
  if (silence > LONG_SILENCE_US && isNew && flows.hasStatus(flow, OPENING_DONE)) {
    columns[flow * FLOW_WIDTH + RESUMED_BY] = flows.note(me, AFTER_SILENCE);
  }
}

/** Keeps the window scale of a SYN or SYN-ACK, and the stack that its fingerprint speaks for. */
function noteSynOptions(flows: Flows, me: number): void {
  const stack = stackOf(flows.segment);
  const scale = flows.segment.windowScale + 2;
  if (flows.get(me, BITS) >>> SCALE_SHIFT === 0) flows.mark(me, scale << SCALE_SHIFT);
  if (stack < 0 || flows.has(me, STACK_MASK)) return;
  flows.mark(me, (stack + 1) << STACK_SHIFT);
}

/** The sequence number after a segment. */
function endOf(s: Segment): number {
  return seqAdd(s.seq, s.payloadLength + ((s.flags & SYN) !== 0 ? 1 : 0) + ((s.flags & FIN) !== 0 ? 1 : 0));
}

/** Moves SND_NXT forward and counts bytes and retransmissions. */
function advance(flows: Flows, me: number): void {
  const { table, segment: s } = flows;
  const { end } = table;
  const e = me * END_WIDTH;
  const last = endOf(s);
  const fin = (s.flags & FIN) !== 0;
  if ((end[e + BITS]! & HAS_SEQ) === 0) {
    end[e + BITS]! |= HAS_SEQ;
    end[e + BASE] = seqAdd(firstNumber(flows, me), -1);
    end[e + SND_NXT] = s.seq;
  }
  if ((end[e + BITS]! & FIN_INFERRED) !== 0 && (s.payloadLength > 0 || fin)) {
    // Data up to the number that counted as its FIN, or its FIN behind that: it was a keep-alive.
    if (isAtOrAfter(s.seq + s.payloadLength, end[e + FIN_END]!)) takeBackFin(flows, me);
  }
  const step = seqStep(last, end[e + SND_NXT]!);
  // A hole or a broken number: the peer's ACK will tell.
  if (step > UNSCALED_WINDOW && isBeyondWindow(flows, me, last) && flows.has(me ^ 1, HAS_ACK)) {
    if (s.payloadLength > 0) noteOutOfWindow(flows, me);
    return;
  }
  if (step === 1 && last === s.seq && !hasSentNumbers(flows, me)) {
    // The segment before was a keep-alive, or its FIN is missing: nothing shows which.
    end[e + SND_NXT] = last;
    return;
  }
  if (step === 1 && last === s.seq && isEstablishedWithoutGaps(flows, me)) {
    end[e + SND_NXT] = last;
    countMissed(flows, me);
    inferOwnFin(flows, me);
    return;
  }
  if (seqStep(s.seq, end[e + SND_NXT]!) > 0) {
    if (!flows.has(me, PREVIOUS_MISSING)) flows.set(me, MISSING_SEQ, end[e + SND_NXT]!);
    flows.mark(me, PREVIOUS_MISSING);
  } else if (isAfter(last, flows.get(me, MISSING_SEQ))) {
    if (s.payloadLength > 0 && flows.has(me, PREVIOUS_MISSING)) flows.unmark(me, ACKED_UNSEEN);
    flows.unmark(me, PREVIOUS_MISSING);
  }
  if (step > 0) {
    end[e + SND_NXT] = last;
    if (last === s.seq) end[e + BITS]! |= ACKED_UNSEEN;
    else end[e + BITS]! &= ~ACKED_UNSEEN;
    table.endNumber[me * END_NUMBER_WIDTH + BYTES]! += fin ? step - 1 : step;
    if (s.payloadLength > 0) {
      noteData(flows, me);
      // It went on: of a peer of which nothing was captured the acknowledgments were not.
      if ((end[e + BITS]! & REPEATS_MASK) !== 0 && !flows.has(me ^ 1, HAS_ACK))
        flows.unmark(me, REPEATS_MASK);
    }
  } else if (fin || (s.payloadLength > 0 && !isKeepAlive(flows, me))) {
    end[e + RETRANSMISSIONS]!++;
    if (s.payloadLength > 0) {
      writeAtPowersOfTen(flows, me, RETRANSMISSION);
      countRepeat(flows, me);
    }
  }
  if (s.payloadLength > 0 && !fin && (end[e + BITS]! & HAS_FIN) !== 0) dataBeforeFin(flows, me);
}

/** The first number known of an endpoint whose SYN was not captured: of this segment, or acknowledged before. */
function firstNumber(flows: Flows, me: number): number {
  const acked = flows.get(me ^ 1, RCV_NXT);
  const { seq } = flows.segment;
  return flows.has(me ^ 1, HAS_ACK) && isAfter(seq, acked) ? acked : seq;
}

/** At most one byte, one below SND_NXT, and long acknowledged (RFC 9293 3.8.4). */
function isKeepAlive(flows: Flows, me: number): boolean {
  const { segment: s } = flows;
  const next = flows.get(me, SND_NXT);
  if (s.payloadLength > 1 || (s.flags & (SYN | FIN | RST)) !== 0 || seqDiff(next, s.seq) !== 1) return false;
  return flows.hasStatus(me >> 1, OPENING_DONE) && flows.get(me ^ 1, RCV_NXT) === next;
}

/** Moves RCV_NXT forward and handles what is acknowledged. */
function acknowledge(flows: Flows, me: number): void {
  const { table, segment: s } = flows;
  const { end } = table;
  const e = me * END_WIDTH;
  const p = (me ^ 1) * END_WIDTH;
  if ((end[e + BITS]! & HAS_ACK) === 0) {
    end[e + BITS]! |= HAS_ACK;
    end[e + RCV_NXT] = s.ack;
    if ((end[e + BITS]! & HAS_SYN) !== 0 && end[p + SEGMENTS] === 0) {
      // The first ACK of a SYN-ACK that was not captured shows its number.
      end[p + BASE] = seqAdd(s.ack, -1);
      acknowledgedNew(flows, me);
    }
  } else if (seqStep(s.ack, end[e + RCV_NXT]!) > 0) {
    end[e + RCV_NXT] = s.ack;
    noteDataAcked(flows, me);
    if (end[p + SEGMENTS] === 0) acknowledgedNew(flows, me);
  }
  if ((end[p + BITS]! & REPEATS_MASK) !== 0) end[p + BITS]! &= ~REPEATS_MASK;
  if ((end[p + BITS]! & HAS_SEQ) !== 0) {
    const beyond = seqStep(s.ack, end[p + SND_NXT]!);
    if (beyond > 0 && !flows.has(me ^ 1, HAS_FIN)) handleAckOfUnseen(flows, me, beyond);
    else if (beyond > 0 && seqStep(end[p + FIN_END]!, s.ack) >= 0) handleAckBeforeFarFin(flows, me);
    else if (flows.has(me ^ 1, PREVIOUS_MISSING) && isAfter(s.ack, end[p + MISSING_SEQ]!))
      countGap(flows, me ^ 1);
  }
  if (s.window === 0 || (end[e + BITS]! & WINDOW_CLOSED) !== 0) noteWindow(flows, me);
  if (s.isDsack) noteDsack(flows, me);
  if ((end[p + BITS]! & HAS_FIN) !== 0) acksAfterFin(flows, me);
}
