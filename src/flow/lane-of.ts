import type { Segment } from '../decode/segment.ts';

/**
 * Several threads may follow the flows of a capture, each a share of them, its lane: which of `lanes` (a
 * power of two) a segment belongs to. Both directions of a flow, and every run, give the same.
 */
export function laneOf(s: Segment, lanes: number): number {
  const addresses = s.src0 ^ s.src1 ^ s.src2 ^ s.src3 ^ s.dst0 ^ s.dst1 ^ s.dst2 ^ s.dst3;
  return (Math.imul(addresses ^ s.srcPort ^ s.dstPort, 0x9e3779b1) >>> 24) & (lanes - 1);
}
