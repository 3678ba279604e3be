import { decodeFrame } from '../../src/decode/decode.ts';
import { newSegment, type Segment } from '../../src/decode/segment.ts';
import { VERDICTS } from '../../src/decode/verdict.ts';
import { frameOf } from './build.ts';

export type FrameFields = Parameters<typeof frameOf>[1];

/** The verdict on a frame, in a word, and the segment; on Ethernet unless `fields` says otherwise. */
export function decoded(
  bytes: Uint8Array,
  fields: FrameFields = {},
): [word: string | undefined, segment: Segment] {
  const segment = newSegment();
  return [VERDICTS[decodeFrame(frameOf(bytes, fields), segment)], segment];
}
