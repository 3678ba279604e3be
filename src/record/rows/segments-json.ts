import { SEGMENT_WIDTH, segmentField } from '../../flow/format/columns.ts';
import type { CellWriter } from '../pages/cell-writer.ts';
import { decimalBefore } from '../pages/decimal.ts';

const AT = segmentField('at');
const FRAME = segmentField('frame');
const ENDPOINT = segmentField('endpoint');
const FLAGS = segmentField('flags');
const SEQ = segmentField('seq');
const ACK = segmentField('ack');
const LEN = segmentField('len');
const MEANING = segmentField('meaning');

const COMMA = 44;
const OPEN = 91;
const CLOSE = 93;

/**
 * Writes a flow's close segments, `count` from index `from` of `segments` on, as the text of
 * `flow_data.segments`: JSON, [[at, frame, code, len, seq, ack], ...], code = endpoint + 2 * flags +
 * 512 * meaning. Running frame numbers move up by `frameBase`. Backwards, as a CellWriter wants it.
 */
export function writeSegments(
  cell: CellWriter,
  segments: Float64Array,
  from: number,
  count: number,
  frameBase: number,
): void {
  const { bytes } = cell;
  let { at } = cell;
  bytes[--at] = CLOSE;
  for (let s = from + (count - 1) * SEGMENT_WIDTH; s >= from; s -= SEGMENT_WIDTH) {
    bytes[--at] = CLOSE;
    at = decimalBefore(bytes, at, segments[s + ACK]!);
    bytes[--at] = COMMA;
    at = decimalBefore(bytes, at, segments[s + SEQ]!);
    bytes[--at] = COMMA;
    at = decimalBefore(bytes, at, segments[s + LEN]!);
    bytes[--at] = COMMA;
    const code = segments[s + ENDPOINT]! + 2 * segments[s + FLAGS]! + 512 * segments[s + MEANING]!;
    at = decimalBefore(bytes, at, code);
    bytes[--at] = COMMA;
    at = decimalBefore(bytes, at, segments[s + FRAME]! + frameBase);
    bytes[--at] = COMMA;
    at = decimalBefore(bytes, at, segments[s + AT]!);
    bytes[--at] = OPEN;
    if (s > from) bytes[--at] = COMMA;
  }
  bytes[--at] = OPEN;
  cell.at = at;
  cell.text();
}

/** The same text as a string. */
export function segmentsJson(segments: Float64Array, from: number, count: number, frameBase: number): string {
  const all: number[][] = [];
  for (let s = from; s < from + count * SEGMENT_WIDTH; s += SEGMENT_WIDTH) {
    const code = segments[s + ENDPOINT]! + 2 * segments[s + FLAGS]! + 512 * segments[s + MEANING]!;
    const frame = segments[s + FRAME]! + frameBase;
    // JSON has NaN as null.
    all.push([segments[s + AT]!, frame, code, segments[s + LEN]!, segments[s + SEQ]!, segments[s + ACK]!]);
  }
  return JSON.stringify(all);
}
