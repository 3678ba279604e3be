import type { Segment } from '../../decode/segment.ts';
import { mixed, multiplied } from './universal-hash.ts';

// A flow's key is its two ends in an order that both directions share.

/** The low end is the one with the lower port, or with the lower address if the ports are equal. */
export function sourceIsLow(s: Segment): boolean {
  if (s.srcPort !== s.dstPort) return s.srcPort < s.dstPort;
  if (s.src3 !== s.dst3) return s.src3 < s.dst3;
  if (s.src2 !== s.dst2) return s.src2 < s.dst2;
  if (s.src1 !== s.dst1) return s.src1 < s.dst1;
  return s.src0 < s.dst0;
}

/** Writes the key of a segment's flow, nine 32-bit words, at index `k`; `low` is its `sourceIsLow`. */
export function writeKey(s: Segment, low: boolean, key: Uint32Array, k: number): void {
  key[k] = low ? s.src0 : s.dst0;
  key[k + 1] = low ? s.src1 : s.dst1;
  key[k + 2] = low ? s.src2 : s.dst2;
  key[k + 3] = low ? s.src3 : s.dst3;
  key[k + 4] = low ? s.dst0 : s.src0;
  key[k + 5] = low ? s.dst1 : s.src1;
  key[k + 6] = low ? s.dst2 : s.src2;
  key[k + 7] = low ? s.dst3 : s.src3;
  key[k + 8] = low ? (s.srcPort << 16) | s.dstPort : (s.dstPort << 16) | s.srcPort;
}

/** Hash of the key of a segment's flow; `low` is its `sourceIsLow`, `f` comes from `hashFactors`. */
export function hashKey(f: Float64Array, s: Segment, low: boolean): number {
  const l3 = low ? s.src3 : s.dst3;
  const h3 = low ? s.dst3 : s.src3;
  const sum =
    (low ? s.srcPort : s.dstPort) * f[0]! +
    (low ? s.dstPort : s.srcPort) * f[1]! +
    (l3 & 0xffff) * f[2]! +
    (l3 >>> 16) * f[3]! +
    (h3 & 0xffff) * f[4]! +
    (h3 >>> 16) * f[5]!;
  // The other words of IPv4 are always the same.
  return mixed(s.ipVersion === 6 ? sum + sumOfPrefixes(f, s, low) : sum);
}

function sumOfPrefixes(f: Float64Array, s: Segment, low: boolean): number {
  return (
    multiplied(f, 6, low ? s.src0 : s.dst0) +
    multiplied(f, 8, low ? s.src1 : s.dst1) +
    multiplied(f, 10, low ? s.src2 : s.dst2) +
    multiplied(f, 12, low ? s.dst0 : s.src0) +
    multiplied(f, 14, low ? s.dst1 : s.src1) +
    multiplied(f, 16, low ? s.dst2 : s.src2)
  );
}
