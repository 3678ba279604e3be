import { ACK, FIN, SYN } from '../../decode/segment.ts';
import { isAfter, seqAdd } from '../../decode/sequence.ts';
import { code } from '../format/word-table.ts';
import { MEANINGS } from '../format/words.ts';
import { lengthIn } from '../table/data-word.ts';
import type { Flows } from '../table/flows.ts';
import {
  BITS,
  DATA_AT,
  DATA_FRAME,
  DATA_LENGTH,
  END_NUMBER_WIDTH,
  HAS_ACK,
  HAS_FIN,
  HAS_SEQ,
  OPENING_DONE,
  RCV_NXT,
  REPEATS_MASK,
  REPEATS_SHIFT,
  SEEN_AT,
  SND_NXT,
} from '../table/table-layout.ts';
import { notePast } from './data.ts';

// Silences. Where a long one began: an idle timeout is as long as those that it ends. And what is sent again and again
// while nothing comes of the peer; whatever the peer sends clears that count (follow.ts).

const BEFORE_SILENCE = code(MEANINGS, 'before a long silence');
/** So many times again: sent three times. */
const SEVERAL = 2;
/** Longer than any round trip with a delayed ACK. */
const UNDER_WAY_US = 1_000_000;

/**
 * The current segment, which `me` sent and which has changed nothing yet, brings something that was not sent or
 * acknowledged before: what is sent again ends no silence.
 */
export function hasNew(flows: Flows, me: number): boolean {
  const { segment: s } = flows;
  if (!flows.has(me, HAS_SEQ) || (s.flags & (SYN | FIN)) !== 0) return true;
  const isData = isAfter(seqAdd(s.seq, s.payloadLength), flows.get(me, SND_NXT));
  return isData || ((s.flags & ACK) !== 0 && isAfter(s.ack, flows.get(me, RCV_NXT)));
}

/**
 * Notes the flow's segment before the current one, from what is kept of it. Not if it was sent again: its numbers
 * are not kept.
 * @param frame its frame
 * @param silence how long ago it was, microseconds
 */
export function noteBeforeSilence(flows: Flows, me: number, frame: number, silence: number): void {
  const { table, trails, segment: s } = flows;
  const flow = me >> 1;
  if (!flows.hasStatus(flow, OPENING_DONE) || trails.holds(table, flow, frame)) return;
  const peerSeen = table.endNumber[(me ^ 1) * END_NUMBER_WIDTH + SEEN_AT]!;
  const isMine =
    peerSeen === flows.lastSeen ? flows.get(me ^ 1, DATA_FRAME) !== frame : flows.lastSeen > peerSeen;
  const sender = isMine ? me : me ^ 1;
  if (!flows.has(sender, HAS_SEQ) || flows.has(sender, REPEATS_MASK)) return;
  const data = flows.get(sender, DATA_FRAME) === frame ? flows.get(sender, DATA_LENGTH) : 0;
  notePast(flows, sender, s.timeUs - silence, frame, data, BEFORE_SILENCE);
}

/** The current segment, data that `me` sends again, counts if it holds the first byte that is not acknowledged. */
export function countRepeat(flows: Flows, me: number): void {
  const { seq, payloadLength } = flows.segment;
  const peer = me ^ 1;
  const last = seqAdd(seq, payloadLength);
  const acked = flows.get(peer, RCV_NXT);
  // Of a peer of which nothing was captured no number is known: then it has to be the last that was sent.
  const isAwaited = flows.has(peer, HAS_ACK)
    ? isAfter(last, acked) && !isAfter(seq, acked)
    : last === flows.get(me, SND_NXT);
  if (isAwaited && repeats(flows, me) < 3) flows.set(me, BITS, flows.get(me, BITS) + (1 << REPEATS_SHIFT));
}

/**
 * It sent three times or more what was never acknowledged, and nothing came of its peer since, but what was under way
 * when it sent its last new data.
 */
export function isUnheard(flows: Flows, me: number): boolean {
  const peer = me ^ 1;
  if (repeats(flows, me) < SEVERAL || lengthIn(flows.get(me, DATA_LENGTH)) === 0) return false;
  if (!flows.has(peer, HAS_ACK)) return true;
  const { endNumber } = flows.table;
  const heard = endNumber[peer * END_NUMBER_WIDTH + SEEN_AT]!;
  if (heard - endNumber[me * END_NUMBER_WIDTH + DATA_AT]! > UNDER_WAY_US) return false;
  const next = seqAdd(flows.get(me, SND_NXT), flows.has(me, HAS_FIN) ? -1 : 0);
  return isAfter(next, flows.get(peer, RCV_NXT));
}

function repeats(flows: Flows, me: number): number {
  return (flows.get(me, BITS) & REPEATS_MASK) >>> REPEATS_SHIFT;
}
