import { ACK, type Segment } from '../../decode/segment.ts';
import { LARGEST_WINDOW } from '../../decode/sequence.ts';
import { isAlert, pushedDataWord } from '../table/data-word.ts';
import type { FlowTable } from '../table/table.ts';
import {
  ACKED_UNSEEN,
  ACTIVE_AT,
  BITS,
  BYTES,
  DATA_AT,
  DATA_FRAME,
  DATA_LENGTH,
  DIGEST,
  END_NUMBER_WIDTH,
  END_WIDTH,
  FLOW_TIME_WIDTH,
  FLOW_WIDTH,
  HAS_ACK,
  HAS_FIN,
  HAS_SEQ,
  LAST_AT,
  LAST_FRAME,
  PREVIOUS_MISSING,
  RCV_NXT,
  REPEATS_MASK,
  SEEN_AT,
  SEGMENTS,
  SND_NXT,
  SPOKE_LAST,
  WINDOW_CLOSED,
  ZEEK,
} from '../table/table-layout.ts';
import { takeTurn } from './data.ts';
import { LONG_SILENCE_US } from './follow.ts';
import { hasWritten } from './zeek.ts';

/**
 * The fast path of an established flow, as TCP receivers have it (header prediction): data in order, or a
 * bare ACK, which most segments are. False if anything is out of the ordinary: then nothing is changed, and
 * the segment is for follow().
 */
export function followFast(table: FlowTable, me: number, s: Segment, digest: number): boolean {
  const { end, endNumber } = table;
  const n = me * END_NUMBER_WIDTH;
  const e = me * END_WIDTH;
  const p = (me ^ 1) * END_WIDTH;
  const length = s.payloadLength;
  const step = (s.seq + length - end[e + SND_NXT]!) | 0;
  if (
    (s.flags & ACK) === 0 ||
    (end[e + BITS]! & (HAS_SEQ | HAS_ACK | HAS_FIN | ACKED_UNSEEN | PREVIOUS_MISSING | WINDOW_CLOSED)) !==
      (HAS_SEQ | HAS_ACK) ||
    step !== length ||
    (end[p + SND_NXT]! - s.ack) >>> 0 > LARGEST_WINDOW ||
    s.window === 0 ||
    s.isDsack ||
    s.timeUs - table.flowTime[(me >> 1) * FLOW_TIME_WIDTH + LAST_AT]! > LONG_SILENCE_US ||
    (end[p + BITS]! & (HAS_SEQ | PREVIOUS_MISSING | REPEATS_MASK)) !== HAS_SEQ ||
    !hasWritten(end[e + ZEEK]!, length > 0) ||
    (length === 0 && ((s.ack - end[e + RCV_NXT]!) | 0) <= 0)
  ) {
    return false;
  }
  end[e + DIGEST] = digest;
  end[e + SEGMENTS]!++;
  if (length > 0) {
    end[e + SND_NXT] = s.seq + length;
    endNumber[n + BYTES]! += length;
    endNumber[n + DATA_AT] = s.timeUs;
    end[e + DATA_FRAME] = s.frame;
    const data = pushedDataWord(s);
    end[e + DATA_LENGTH] = data;
    if (!isAlert(data)) {
      endNumber[n + ACTIVE_AT] = s.timeUs;
      if ((end[e + BITS]! & SPOKE_LAST) === 0) takeTurn(table, me, s);
    }
  }
  if (((s.ack - end[e + RCV_NXT]!) | 0) > 0) {
    end[e + RCV_NXT] = s.ack;
    const acked = s.ack === end[p + SND_NXT] ? endNumber[(me ^ 1) * END_NUMBER_WIDTH + DATA_AT]! : s.timeUs;
    if (acked > endNumber[n + ACTIVE_AT]!) endNumber[n + ACTIVE_AT] = acked;
  }
  endNumber[n + SEEN_AT] = s.timeUs;
  table.flowTime[(me >> 1) * FLOW_TIME_WIDTH + LAST_AT] = s.timeUs;
  table.flow[(me >> 1) * FLOW_WIDTH + LAST_FRAME] = s.frame;
  return true;
}
