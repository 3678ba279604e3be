import type { Segment } from '../../decode/segment.ts';

/**
 * The lane of a segment. A lane is the share of a capture's flows that one thread follows; there are `lanes`
 * of them, a power of two. The hash of the 4-tuple is symmetric, as in receive-side scaling (RSS): both
 * directions of a flow have the same lane, in every run.
 */
export function laneOf(s: Segment, lanes: number): number {
  const addresses = s.src0 ^ s.src1 ^ s.src2 ^ s.src3 ^ s.dst0 ^ s.dst1 ^ s.dst2 ^ s.dst3;
  return (Math.imul(addresses ^ s.srcPort ^ s.dstPort, 0x9e3779b1) >>> 24) & (lanes - 1);
}
