import { ACK } from '../../decode/segment.ts';
import { seqAdd, seqDiff } from '../../decode/sequence.ts';
import { isUnheard } from '../follow/silence.ts';
import { SEGMENT_WIDTH, segmentField } from '../format/columns.ts';
import { code } from '../format/word-table.ts';
import { CLIENT, MEANINGS } from '../format/words.ts';
import { flagsIn, lengthIn } from '../table/data-word.ts';
import type { Flows } from '../table/flows.ts';
import {
  BASE,
  DATA_AT,
  DATA_FRAME,
  DATA_LENGTH,
  END_NUMBER_WIDTH,
  END_WIDTH,
  HAS_FIN,
  HAS_SEQ,
  RCV_NXT,
  SEEN_AT,
  SEGMENTS,
  SND_NXT,
} from '../table/table-layout.ts';
import { TRAIL_LIMIT } from '../table/trail.ts';

const AT_FIELD = segmentField('at');
const FRAME_FIELD = segmentField('frame');
const ENDPOINT_FIELD = segmentField('endpoint');
const FLAGS_FIELD = segmentField('flags');
const SEQ_FIELD = segmentField('seq');
const ACK_FIELD = segmentField('ack');
const LEN_FIELD = segmentField('len');
const MEANING_FIELD = segmentField('meaning');

const UNKNOWN = -1;

const AFTER_SILENCE = code(MEANINGS, 'after a long silence');
const FIRST_SEGMENT = code(MEANINGS, 'first segment');
const KEEP_ALIVE = code(MEANINGS, 'keep-alive');
const UNANSWERED_KEEP_ALIVE = code(MEANINGS, 'unanswered keep-alive');
const UNACKNOWLEDGED = code(MEANINGS, 'unacknowledged data');
const UNACKNOWLEDGED_AFTER_SILENCE = code(MEANINGS, 'unacknowledged data after a long silence');

/** Rows of one flow at most: its trail, and each end's unacknowledged data. */
export const ROWS_LIMIT = TRAIL_LIMIT + 2;

/** Writes a flow's trail as rows of `close_segments`, from row `from` of `segments` on; returns how many there are. */
export function fillCloseSegments(
  segments: Float64Array,
  from: number,
  flows: Flows,
  flow: number,
  first: number,
): number {
  const { trails, table } = flows;
  const ofClient = originOf(flows, flow * 2);
  const ofServer = originOf(flows, flow * 2 + 1);
  let s = from * SEGMENT_WIDTH;
  for (let entry = trails.first(table, flow); entry !== 0; entry = trails.nextOf(entry)) {
    const side = trails.sideOf(entry);
    const flags = trails.flagsOf(entry);
    const mine = side === CLIENT ? ofClient : ofServer;
    const theirs = side === CLIENT ? ofServer : ofClient;
    const at = trails.atOf(entry) - first;
    const seq = relative(trails.seqOf(entry), mine);
    const ack = (flags & ACK) === 0 ? Number.NaN : relative(trails.ackOf(entry), theirs);
    const meaning = meaningOf(flows, flow, entry);
    fillRow(segments, s, at, trails.frameOf(entry), side, flags, seq, ack, trails.lengthOf(entry), meaning);
    sink(segments, from * SEGMENT_WIDTH, s);
    s += SEGMENT_WIDTH;
  }
  for (let me = flow * 2; me < flow * 2 + 2; me++) {
    if (isUnheard(flows, me)) s = addUnacknowledged(segments, from * SEGMENT_WIDTH, s, flows, me, first);
  }
  return s / SEGMENT_WIDTH - from;
}

/** What an entry meant, now that nothing more comes. */
function meaningOf({ trails, table }: Flows, flow: number, entry: number): number {
  const meaning = trails.meaningOf(entry);
  if (meaning !== KEEP_ALIVE) return meaning;
  const peer = flow * 2 + (trails.sideOf(entry) ^ 1);
  const isUnanswered = table.endNumber[peer * END_NUMBER_WIDTH + SEEN_AT]! < trails.atOf(entry);
  return isUnanswered && table.end[peer * END_WIDTH + SEGMENTS]! > 0 ? UNANSWERED_KEEP_ALIVE : KEEP_ALIVE;
}

/**
 * Adds the last new data of an end, which was never acknowledged, to the rows between `from` and `s`, or says so of
 * its row if it has one. Returns where the rows end.
 */
function addUnacknowledged(
  segments: Float64Array,
  from: number,
  s: number,
  flows: Flows,
  me: number,
  first: number,
): number {
  const frame = flows.get(me, DATA_FRAME);
  for (let at = from; at < s; at += SEGMENT_WIDTH) {
    if (segments[at + FRAME_FIELD] !== frame) continue;
    const meaning = segments[at + MEANING_FIELD]!;
    if (meaning === AFTER_SILENCE) segments[at + MEANING_FIELD] = UNACKNOWLEDGED_AFTER_SILENCE;
    if (meaning === FIRST_SEGMENT) segments[at + MEANING_FIELD] = UNACKNOWLEDGED;
    return s;
  }
  const data = flows.get(me, DATA_LENGTH);
  const at = flows.table.endNumber[me * END_NUMBER_WIDTH + DATA_AT]! - first;
  const ofFin = flows.has(me, HAS_FIN) ? 1 : 0;
  const seq = relative(seqAdd(flows.get(me, SND_NXT), -lengthIn(data) - ofFin), originOf(flows, me));
  const ack = relative(flows.get(me, RCV_NXT), originOf(flows, me ^ 1));
  fillRow(segments, s, at, frame, me & 1, flagsIn(data), seq, ack, lengthIn(data), UNACKNOWLEDGED);
  sink(segments, from, s);
  return s + SEGMENT_WIDTH;
}

function fillRow(
  segments: Float64Array,
  s: number,
  at: number,
  frame: number,
  side: number,
  flags: number,
  seq: number,
  ack: number,
  length: number,
  meaning: number,
): void {
  segments[s + AT_FIELD] = at;
  segments[s + FRAME_FIELD] = frame;
  segments[s + ENDPOINT_FIELD] = side;
  segments[s + FLAGS_FIELD] = flags;
  segments[s + SEQ_FIELD] = seq;
  segments[s + ACK_FIELD] = ack;
  segments[s + LEN_FIELD] = length;
  segments[s + MEANING_FIELD] = meaning;
}

/** Moves the segment at `s` before those of later frames: what crosses a FIN is noted only when that is captured. */
function sink(segments: Float64Array, from: number, s: number): void {
  for (let at = s; at > from; at -= SEGMENT_WIDTH) {
    const before = at - SEGMENT_WIDTH;
    if (segments[before + FRAME_FIELD]! <= segments[at + FRAME_FIELD]!) return;
    for (let i = 0; i < SEGMENT_WIDTH; i++) {
      const value = segments[before + i]!;
      segments[before + i] = segments[at + i]!;
      segments[at + i] = value;
    }
  }
}

/** The first sequence number of an endpoint, to which others are relative; UNKNOWN if it is not known. */
function originOf(flows: Flows, me: number): number {
  return flows.has(me, HAS_SEQ) ? flows.get(me, BASE) : UNKNOWN;
}

/** A sequence number relative to an endpoint's first one, NaN if that is not known. */
function relative(seq: number, origin: number): number {
  if (origin === UNKNOWN) return Number.NaN;
  const off = seqDiff(seq, origin);
  return off < -0x10000 ? off >>> 0 : off;
}
