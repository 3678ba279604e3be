import { ACK, type Segment } from '../../decode/segment.ts';
import { isAfter, isAtOrAfter, seqAdd } from '../../decode/sequence.ts';
import { code } from '../format/word-table.ts';
import { MEANINGS } from '../format/words.ts';
import { flagsIn, isAlert, lengthIn, pushedDataWord } from '../table/data-word.ts';
import { factOf, SND_FIN, SND_RST } from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import type { FlowTable } from '../table/table.ts';
import {
  ACTIVE_AT,
  BITS,
  DATA_AT,
  DATA_FRAME,
  DATA_LENGTH,
  END_NUMBER_WIDTH,
  END_WIDTH,
  EXCHANGES,
  FIN_END,
  FLOW_WIDTH,
  HAS_FIN,
  LATE_DATA,
  RCV_NXT,
  SND_NXT,
  SPOKE_LAST,
  TURN_AFTER,
  TURN_LENGTH,
} from '../table/table-layout.ts';
import { tagsOf } from '../table/trail.ts';

// When the last data was sent before a close, whose turn it was, and the data that meets the flow's first FIN: sent
// before that arrived, or after. Each function handles the current segment of `flows`, which `me` sent; the fast path
// keeps the same columns by itself (follow-fast.ts).

const DATA_CROSSING_FIN = code(MEANINGS, 'data crossing FIN');
const DATA_AFTER_FIN = code(MEANINGS, 'data after FIN');
const LONGEST_US = 2 ** 32 - 1;

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
  if ((end[e + BITS]! & HAS_FIN) !== 0 || isAlert(data)) return;
  endNumber[n + ACTIVE_AT] = s.timeUs;
  if ((end[e + BITS]! & SPOKE_LAST) === 0) takeTurn(flows.table, me, s);
}

/**
 * `me` sends new data, which is no TLS alert, after that of its peer, or first of all. Both ends send data by turns, and
 * an answer of the server to data of the client makes an exchange; a client whose turn is the last has waited for one.
 */
export function takeTurn(table: FlowTable, me: number, s: Segment): void {
  const { end, endNumber, flow } = table;
  const e = me * END_WIDTH;
  const p = (me ^ 1) * END_WIDTH;
  if (((end[e + BITS]! | end[p + BITS]!) & HAS_FIN) !== 0) return;
  if (factOf(table, me, SND_RST) !== 0 || factOf(table, me ^ 1, SND_RST) !== 0) return;
  end[e + BITS]! |= SPOKE_LAST;
  end[p + BITS]! &= ~SPOKE_LAST;
  const f = (me >> 1) * FLOW_WIDTH;
  const follows = end[p + DATA_LENGTH] !== 0;
  const after = s.timeUs - endNumber[(me ^ 1) * END_NUMBER_WIDTH + DATA_AT]!;
  flow[f + TURN_AFTER] = Math.min(Math.max(after, 0), LONGEST_US);
  flow[f + TURN_LENGTH] = s.payloadLength;
  if (follows && (me & 1) === 1) flow[f + EXCHANGES]!++;
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
  const { table, segment: s } = flows;
  if (flows.has(peer, HAS_FIN) || (s.flags & ACK) === 0 || lateData(flows, me) !== 0) return;
  const data = flows.get(peer, DATA_LENGTH);
  if (data === 0 || !isAfter(flows.get(peer, SND_NXT), s.ack)) return;
  const at = table.endNumber[peer * END_NUMBER_WIDTH + DATA_AT]!;
  const entry = notePast(flows, peer, at, flows.get(peer, DATA_FRAME), data, DATA_CROSSING_FIN);
  table.flow[(me >> 1) * FLOW_WIDTH + LATE_DATA] = entry;
}

/**
 * Adds the last segment that moved SND.NXT of `me`, or a bare one after it, to the trail, from what is kept of it: its
 * sender may have acknowledged more since. Returns its entry.
 * @param at when it was captured, microseconds since the epoch
 * @param data its payload (data-word.ts), 0 for none
 */
export function notePast(
  flows: Flows,
  me: number,
  at: number,
  frame: number,
  data: number,
  meaning: number,
): number {
  const { table, trails } = flows;
  if (!trails.room) flows.onTrailsFull(me >> 1);
  const seq = seqAdd(flows.get(me, SND_NXT), -lengthIn(data));
  const tags = tagsOf(me, flagsIn(data), meaning);
  return trails.append(table, me >> 1, at, frame, seq, flows.get(me, RCV_NXT), data, tags);
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
