import { ACK } from '../decode/segment.ts';
import { seqDiff } from '../decode/sequence.ts';
import { SEGMENT_WIDTH, segmentField } from './columns.ts';
import type { Flows } from './flows.ts';
import { BASE, HAS_SEQ } from './table-layout.ts';

const AT_FIELD = segmentField('at');
const FRAME_FIELD = segmentField('frame');
const ENDPOINT_FIELD = segmentField('endpoint');
const FLAGS_FIELD = segmentField('flags');
const SEQ_FIELD = segmentField('seq');
const ACK_FIELD = segmentField('ack');
const LEN_FIELD = segmentField('len');
const MEANING_FIELD = segmentField('meaning');

/** Fills `segments`, from the segment `from` on, with a flow's trail; returns how many segments that are. */
export function fillCloseSegments(
  segments: Float64Array,
  from: number,
  flows: Flows,
  flow: number,
  first: number,
): number {
  const { trails, table } = flows;
  let count = 0;
  for (let name = trails.first(table, flow); name !== 0; name = trails.nextOf(name)) {
    const s = (from + count++) * SEGMENT_WIDTH;
    const me = flow * 2 + trails.sideOf(name);
    const flags = trails.flagsOf(name);
    segments[s + AT_FIELD] = trails.atOf(name) - first;
    segments[s + FRAME_FIELD] = trails.frameOf(name);
    segments[s + ENDPOINT_FIELD] = me & 1;
    segments[s + FLAGS_FIELD] = flags;
    segments[s + SEQ_FIELD] = relative(flows, me, trails.seqOf(name));
    segments[s + ACK_FIELD] = (flags & ACK) === 0 ? Number.NaN : relative(flows, me ^ 1, trails.ackOf(name));
    segments[s + LEN_FIELD] = trails.lengthOf(name);
    segments[s + MEANING_FIELD] = trails.meaningOf(name);
  }
  return count;
}

/** A sequence number counted from the endpoint's first, NaN where that is not known. */
function relative(flows: Flows, me: number, seq: number): number {
  if (!flows.has(me, HAS_SEQ)) return Number.NaN;
  const off = seqDiff(seq, flows.get(me, BASE));
  return off < -0x10000 ? off >>> 0 : off;
}
