import type { IcmpError, Segment } from '../../decode/segment.ts';
import { LARGEST_WINDOW, seqDiff } from '../../decode/sequence.ts';
import { code } from '../format/word-table.ts';
import { MEANINGS } from '../format/words.ts';
import type { Flows } from '../table/flows.ts';
import {
  ACKED_UNSEEN,
  BASE,
  FLOW_WIDTH,
  HAS_ACK,
  HAS_SEQ,
  ICMP_BY,
  RCV_NXT,
  SND_NXT,
} from '../table/table-layout.ts';
import { UNSCALED_WINDOW } from './foreign.ts';

// An ICMP error about a segment of a flow is noted beside its segments, and changes no state: once a connection is
// open the error is soft (RFC 1122 4.2.3.9, RFC 5461 2). In SYN_SENT Linux gives up at once, but not where the error
// finds the socket busy; whether it did shows by the SYN's being repeated.

const ICMP_ERROR = code(MEANINGS, 'ICMP error');

/** What the trail keeps of an error in one word: the sender's number, the type, the code. */
const SENDER_SHIFT = 16;
const TYPE_SHIFT = 8;

/**
 * Notes an error that quotes the segment `s` of `me`, if it is the first of its flow. False if that segment cannot
 * be one that `me` waits to have acknowledged: then the error is not about this flow, or forged.
 */
export function noteIcmpError(flows: Flows, me: number, s: Segment, error: IcmpError): boolean {
  if (!isUnderWay(flows, me, s.seq)) return false;
  const { table, trails, senders } = flows;
  const column = (me >> 1) * FLOW_WIDTH + ICMP_BY;
  if (table.flow[column] !== 0) return true;
  if (!trails.room) flows.onTrailsFull(me >> 1);
  const sender = senders.numberOf(error.from0, error.from1, error.from2, error.from3);
  const says = (sender << SENDER_SHIFT) | (error.type << TYPE_SHIFT) | error.code;
  table.flow[column] = trails.addQuote(table, me, s, ICMP_ERROR, says >>> 0);
  return true;
}

/** The first ICMP error about a flow. */
export interface NotedError {
  /** Capture time, microseconds since the epoch. */
  at: number;
  type: number;
  code: number;
  /** Number in Flows.senders, 0 if it was not kept. */
  sender: number;
}

/** The first ICMP error about a flow; undefined if there was none. */
export function notedError({ table, trails }: Flows, flow: number): NotedError | undefined {
  const entry = table.flow[flow * FLOW_WIDTH + ICMP_BY]!;
  if (entry === 0) return undefined;
  const says = trails.saysOf(entry);
  return {
    at: trails.atOf(entry),
    type: (says >>> TYPE_SHIFT) & 0xff,
    code: says & 0xff,
    sender: says >>> SENDER_SHIFT,
  };
}

/**
 * The number lies between SND.UNA and SND.NXT, as Linux demands (tcp_v4_err), or is that of a keep-alive, one before.
 * Of an end whose segments were not all captured it may be up to a window further on.
 */
function isUnderWay(flows: Flows, me: number, seq: number): boolean {
  const isAcknowledged = flows.has(me ^ 1, HAS_ACK);
  const hasNumbers = flows.has(me, HAS_SEQ);
  if (!isAcknowledged && !hasNumbers) return false;
  const acknowledged = isAcknowledged ? flows.get(me ^ 1, RCV_NXT) : flows.get(me, BASE);
  const next = hasNumbers ? flows.get(me, SND_NXT) : acknowledged;
  const ahead = !hasNumbers || flows.has(me, ACKED_UNSEEN) ? UNSCALED_WINDOW : 0;
  const underWay = Math.min(Math.max(0, seqDiff(next, acknowledged)), LARGEST_WINDOW);
  const before = seqDiff(next, seq);
  return before >= -ahead && before <= underWay + 1;
}
