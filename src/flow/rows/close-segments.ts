import { ACK } from '../../decode/segment.ts';
import { seqDiff } from '../../decode/sequence.ts';
import { SEGMENT_WIDTH, segmentField } from '../format/columns.ts';
import { CLIENT } from '../format/words.ts';
import type { Flows } from '../table/flows.ts';
import { BASE, HAS_SEQ } from '../table/table-layout.ts';

const AT_FIELD = segmentField('at');
const FRAME_FIELD = segmentField('frame');
const ENDPOINT_FIELD = segmentField('endpoint');
const FLAGS_FIELD = segmentField('flags');
const SEQ_FIELD = segmentField('seq');
const ACK_FIELD = segmentField('ack');
const LEN_FIELD = segmentField('len');
const MEANING_FIELD = segmentField('meaning');

const UNKNOWN = -1;

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
    segments[s + AT_FIELD] = trails.atOf(entry) - first;
    segments[s + FRAME_FIELD] = trails.frameOf(entry);
    segments[s + ENDPOINT_FIELD] = side;
    segments[s + FLAGS_FIELD] = flags;
    segments[s + SEQ_FIELD] = relative(trails.seqOf(entry), mine);
    segments[s + ACK_FIELD] = (flags & ACK) === 0 ? Number.NaN : relative(trails.ackOf(entry), theirs);
    segments[s + LEN_FIELD] = trails.lengthOf(entry);
    segments[s + MEANING_FIELD] = trails.meaningOf(entry);
    sink(segments, from * SEGMENT_WIDTH, s);
    s += SEGMENT_WIDTH;
  }
  return s / SEGMENT_WIDTH - from;
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
