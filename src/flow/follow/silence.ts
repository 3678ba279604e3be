import { ACK, FIN, PSH, SYN } from '../../decode/segment.ts';
import { isAfter, seqAdd } from '../../decode/sequence.ts';
import { code } from '../format/word-table.ts';
import { MEANINGS } from '../format/words.ts';
import type { Flows } from '../table/flows.ts';
import {
  DATA_FRAME,
  DATA_LENGTH,
  END_NUMBER_WIDTH,
  HAS_SEQ,
  OPENING_DONE,
  RCV_NXT,
  REPEATS_MASK,
  SEEN_AT,
  SND_NXT,
} from '../table/table-layout.ts';
import { lengthIn, tagsOf } from '../table/trail.ts';
import { PSH_SHIFT } from './data.ts';

// Where a long silence began: an idle timeout is as long as the silences that it ends. Each function is called
// before the current segment of `flows`, which `me` sent, has changed anything but when `me` was seen.

const BEFORE_SILENCE = code(MEANINGS, 'before a long silence');

/** It brings something that was not sent or acknowledged before: what is sent again ends no silence. */
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
  if (!trails.room) flows.onTrailsFull(flow);
  const data = flows.get(sender, DATA_FRAME) === frame ? flows.get(sender, DATA_LENGTH) : 0;
  const seq = seqAdd(flows.get(sender, SND_NXT), -lengthIn(data));
  const tags = tagsOf(sender, ACK | ((data >>> PSH_SHIFT) & PSH), BEFORE_SILENCE);
  trails.append(table, flow, s.timeUs - silence, frame, seq, flows.get(sender, RCV_NXT), data, tags);
}
