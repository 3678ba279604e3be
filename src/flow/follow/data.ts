import { ACK, PSH, type Segment } from '../../decode/segment.ts';
import { isAfter, isAtOrAfter, seqAdd } from '../../decode/sequence.ts';
import { code } from '../format/word-table.ts';
import { MEANINGS } from '../format/words.ts';
import { factOf, SND_FIN } from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import {
  ACTIVE_AT,
  BITS,
  DATA_AT,
  DATA_FRAME,
  DATA_LENGTH,
  END_NUMBER_WIDTH,
  END_WIDTH,
  FIN_END,
  FLOW_WIDTH,
  HAS_FIN,
  LATE_DATA,
  RCV_NXT,
  SND_NXT,
} from '../table/table-layout.ts';
import { dataWord, isAlert, lengthIn, tagsOf } from '../table/trail.ts';

// When the last data was sent before a close, and the data that meets the flow's first FIN: sent before that
// arrived, or after. Each function handles the current segment of `flows`, which `me` sent; the fast path keeps the
// same columns by itself (follow-fast.ts).

/** To above what dataWord() takes. */
export const PSH_SHIFT = 26;
const DATA_CROSSING_FIN = code(MEANINGS, 'data crossing FIN');
const DATA_AFTER_FIN = code(MEANINGS, 'data after FIN');

/** It has new data. */
export function noteData(flows: Flows, me: number): void {
  const { end, endNumber } = flows.table;
  const { segment: s } = flows;
  const e = me * END_WIDTH;
  const n = me * END_NUMBER_WIDTH;
  endNumber[n + DATA_AT] = s.timeUs;
  end[e + DATA_FRAME] = s.frame;
  const data = pushedDataWord(s);
  end[e + DATA_LENGTH] = data;
  // An alert before the FIN belongs to the close (close_notify).
  if ((end[e + BITS]! & HAS_FIN) === 0 && !isAlert(data)) endNumber[n + ACTIVE_AT] = s.timeUs;
}

/** Length and first byte of a segment's payload, and its PSH, in one word. */
export function pushedDataWord(s: Segment): number {
  return dataWord(s) | ((s.flags & PSH) << PSH_SHIFT);
}

/** It acknowledges more than before: if all that was sent, then the peer's last data is the last that it knows of. */
export function noteDataAcked(flows: Flows, me: number): void {
  const { end, endNumber } = flows.table;
  if ((end[me * END_WIDTH + BITS]! & HAS_FIN) !== 0) return;
  const { segment: s } = flows;
  const isAll = s.ack === end[(me ^ 1) * END_WIDTH + SND_NXT];
  const at = isAll ? endNumber[(me ^ 1) * END_NUMBER_WIDTH + DATA_AT]! : s.timeUs;
  const active = me * END_NUMBER_WIDTH + ACTIVE_AT;
  if (at > endNumber[active]!) endNumber[active] = at;
}

/** Its FIN is the flow's first: the peer's data that was captured before, and that it does not acknowledge, crosses it. */
export function noteDataBeforeFin(flows: Flows, me: number): void {
  const peer = me ^ 1;
  const { table, trails, segment: s } = flows;
  if (flows.has(peer, HAS_FIN) || (s.flags & ACK) === 0 || lateData(flows, me) !== 0) return;
  const data = flows.get(peer, DATA_LENGTH);
  const next = flows.get(peer, SND_NXT);
  if (data === 0 || !isAfter(next, s.ack)) return;
  const flow = me >> 1;
  if (!trails.room) flows.onTrailsFull(flow);
  const at = table.endNumber[peer * END_NUMBER_WIDTH + DATA_AT]!;
  const seq = seqAdd(next, -lengthIn(data));
  const tags = tagsOf(peer, ACK | ((data >>> PSH_SHIFT) & PSH), DATA_CROSSING_FIN);
  // Since then it may have acknowledged more.
  const ack = flows.get(peer, RCV_NXT);
  const frame = flows.get(peer, DATA_FRAME);
  table.flow[flow * FLOW_WIDTH + LATE_DATA] = trails.append(table, flow, at, frame, seq, ack, data, tags);
}

/** It has new data, of which the peer's FIN, the flow's first, does not know. */
export function noteDataAtFin(flows: Flows, me: number): void {
  const { table, trails, segment: s } = flows;
  if (lateData(flows, me) !== 0) return;
  const fin = factOf(table, me ^ 1, SND_FIN);
  const own = factOf(table, me, SND_FIN);
  if (fin === 0 || (own !== 0 && own !== flows.noted)) return;
  if (!isAfter(flows.get(me, SND_NXT), trails.ackOf(fin))) return;
  const knowsFin = (s.flags & ACK) !== 0 && isAtOrAfter(s.ack, flows.get(me ^ 1, FIN_END));
  table.flow[(me >> 1) * FLOW_WIDTH + LATE_DATA] = flows.note(
    me,
    knowsFin ? DATA_AFTER_FIN : DATA_CROSSING_FIN,
  );
}

function lateData(flows: Flows, me: number): number {
  return flows.table.flow[(me >> 1) * FLOW_WIDTH + LATE_DATA]!;
}
