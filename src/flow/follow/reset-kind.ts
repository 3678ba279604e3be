import { ACK } from '../../decode/segment.ts';
import { isAfter, seqAdd, seqDiff } from '../../decode/sequence.ts';
import { code } from '../format/word-table.ts';
import { MEANINGS, RESET_EVIDENCE, RESET_KINDS } from '../format/words.ts';
import { factOf, isAsking, isSettled, RCV_ACK_OF_FIN, RCV_FIN, SND_FIN, SND_SYN } from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import {
  END_NUMBER_WIDTH,
  FIN_END,
  FLOW_WIDTH,
  HAS_ACK,
  HAS_FIN,
  HAS_SEQ,
  HAS_SYN,
  RCV_NXT,
  RESUMED_BY,
  SEEN_AT,
  SEGMENTS,
  SENT_NON_SYN,
  SND_NXT,
} from '../table/table-layout.ts';
import { isInTimeWait } from './time-wait.ts';

type ResetEvidence = (typeof RESET_EVIDENCE)[number];
type ResetKind = (typeof RESET_KINDS)[number];

/** What each piece of evidence speaks for. */
const SPEAKS_FOR: Readonly<Record<ResetEvidence, ResetKind>> = {
  none: 'unknown',
  'answers-syn': 'refused',
  'other-ttl': 'injected',
  'sender-went-on': 'injected',
  'peer-in-time-wait': 'time-wait-assassination',
  'after-close': 'late-segment',
  'no-socket': 'late-segment',
  'probes-unanswered': 'keep-alive-failed',
  'after-silence': 'idle',
  'data-after-fin': 'data-after-close',
  'data-crossed-fin': 'data-after-close',
  'data-from-peer': 'unread-data-or-linger',
  'no-data-from-peer': 'unread-data-or-linger',
};
/** The same in codes. */
const KIND_CODES = RESET_EVIDENCE.map((evidence) => code(RESET_KINDS, SPEAKS_FOR[evidence]));

const KEEP_ALIVE = code(MEANINGS, 'keep-alive');
const RST_OUT_OF_WINDOW = code(MEANINGS, 'RST out of window');
/** Keep-alive probes without an answer that it takes for 'probes-unanswered'. */
const PROBES = 2;
/** A difference of one hop may be a change of route. */
const TTL_TOLERANCE = 1;

/** The code of the reset kind that a piece of evidence, by its code, speaks for. */
export function resetKindOf(evidence: number): number {
  return KIND_CODES[evidence]!;
}

/**
 * The strongest evidence for why the current segment, an RST that `me` sent, was sent. A hypothesis, which
 * has to be made at once, because it depends on the state of the flow just before.
 */
export function evidenceForReset(flows: Flows, me: number): ResetEvidence {
  const peer = me ^ 1;
  const { table, segment: s } = flows;
  if (isAsking(table, peer)) return 'answers-syn';
  if (answersStraySynAck(flows, me)) return 'no-socket';
  if (hasOtherTtl(flows, me)) return 'other-ttl';
  if (isInTimeWait(flows, peer)) return 'peer-in-time-wait';
  if (isSettled(table, me, RCV_ACK_OF_FIN) && isSettled(table, me, RCV_FIN)) return 'after-close';
  if (hasUnansweredProbes(flows, me)) return 'probes-unanswered';
  // An abort has an ACK; the RST of a host that has no socket has none (RFC 9293 3.10.7.1).
  const aborts = (s.flags & ACK) !== 0;
  const fin = factOf(table, me, SND_FIN);
  if (fin !== 0 && hasUnacceptedData(flows, peer)) {
    // The RST copies the ACK of what it answers (RFC 9293 3.10.7.1): one short of the FIN was sent before it arrived.
    return seqDiff(firstRstSeq(flows, me, fin), flows.get(me, FIN_END)) < 0
      ? 'data-crossed-fin'
      : 'data-after-fin';
  }
  if (fin !== 0 && sentDataAfter(flows, peer, fin)) return 'data-after-fin';
  if (answersAfterSilence(flows, me)) return 'after-silence';
  if (!aborts) return flows.get(peer, SEGMENTS) > 0 ? 'no-socket' : 'none';
  return flows.hasSentData(peer) ? 'data-from-peer' : 'no-data-from-peer';
}

/** It sent data beyond what its peer has acknowledged; its FIN is none. */
function hasUnacceptedData(flows: Flows, me: number): boolean {
  if (!flows.has(me ^ 1, HAS_ACK) || !flows.has(me, HAS_SEQ)) return false;
  const dataEnd = flows.has(me, HAS_FIN) ? seqAdd(flows.get(me, FIN_END), -1) : flows.get(me, SND_NXT);
  return isAfter(dataEnd, flows.get(me ^ 1, RCV_NXT));
}

/**
 * The number of its first RST since its FIN: the current one, or an earlier one that came too late for its receiver,
 * which was beyond that number.
 */
function firstRstSeq({ trails, segment }: Flows, me: number, fin: number): number {
  for (let entry = trails.nextOf(fin); entry !== 0; entry = trails.nextOf(entry)) {
    const isRst = trails.meaningOf(entry) === RST_OUT_OF_WINDOW && trails.sideOf(entry) === (me & 1);
    if (isRst) return trails.seqOf(entry);
  }
  return segment.seq;
}

/**
 * It answers a SYN-ACK as a kernel does that has sent no SYN (RFC 9293 3.10.7.1): a program made that SYN, such as a
 * scanner, with any TTL.
 */
function answersStraySynAck(flows: Flows, me: number): boolean {
  const { segment: s, table } = flows;
  const hasAsked = factOf(table, me, SND_SYN) !== 0 && !flows.has(me, SENT_NON_SYN);
  return hasAsked && flows.has(me ^ 1, HAS_SYN) && (s.flags & ACK) === 0 && s.seq === flows.get(me, SND_NXT);
}

/** Its TTL is not that of the endpoint's first segment: another host, nearer or farther, has sent it. */
function hasOtherTtl(flows: Flows, me: number): boolean {
  if (flows.get(me, SEGMENTS) <= 1) return false;
  return Math.abs(flows.segment.ttl - flows.ttlOf(me)) > TTL_TOLERANCE;
}

/** Its keep-alives since the peer's last segment were not answered. */
function hasUnansweredProbes(flows: Flows, me: number): boolean {
  const { trails, table } = flows;
  const lastAnswer = table.endNumber[(me ^ 1) * END_NUMBER_WIDTH + SEEN_AT]!;
  let probes = 0;
  for (let entry = trails.first(table, me >> 1); entry !== 0; entry = trails.nextOf(entry)) {
    if (trails.sideOf(entry) !== (me & 1) || trails.meaningOf(entry) !== KEEP_ALIVE) continue;
    if (trails.atOf(entry) > lastAnswer) probes++;
  }
  return probes >= PROBES;
}

/** The peer sent the first segment after a long silence, and this RST is the only answer. */
function answersAfterSilence(flows: Flows, me: number): boolean {
  const { trails, table } = flows;
  const resumed = table.flow[(me >> 1) * FLOW_WIDTH + RESUMED_BY]!;
  if (resumed === 0 || trails.sideOf(resumed) === (me & 1)) return false;
  return flows.lastSeen < trails.atOf(resumed);
}

/** An endpoint sent payload after an entry of the trail, as far as the trail shows. */
function sentDataAfter({ trails }: Flows, me: number, after: number): boolean {
  for (let entry = trails.nextOf(after); entry !== 0; entry = trails.nextOf(entry)) {
    if (trails.sideOf(entry) === (me & 1) && trails.lengthOf(entry) > 0) return true;
  }
  return false;
}
