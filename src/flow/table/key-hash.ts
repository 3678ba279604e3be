import type { Segment } from '../../decode/segment.ts';

// A flow's key is its two ends in an order that both directions share. The hash multiplies all of it with
// factors from a random seed, so that senders of packets cannot predict it.

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
export function hashKey(f: Uint32Array, s: Segment, low: boolean): number {
  const l3 = low ? s.src3 : s.dst3;
  const h3 = low ? s.dst3 : s.src3;
  const ports = low ? (s.srcPort << 16) | s.dstPort : (s.dstPort << 16) | s.srcPort;
  let h = Math.imul(l3 ^ f[0]!, f[1]!) ^ Math.imul(h3 ^ f[2]!, f[3]!);
  if (s.ipVersion === 6) {
    h ^=
      Math.imul((low ? s.src0 : s.dst0) ^ f[4]!, f[5]!) ^ Math.imul((low ? s.dst0 : s.src0) ^ f[6]!, f[7]!);
    h = Math.imul(h ^ (h >>> 15), f[1]!);
    h ^=
      Math.imul((low ? s.src1 : s.dst1) ^ f[8]!, f[9]!) ^ Math.imul((low ? s.dst1 : s.src1) ^ f[10]!, f[11]!);
    h = Math.imul(h ^ (h >>> 15), f[3]!);
    h ^=
      Math.imul((low ? s.src2 : s.dst2) ^ f[12]!, f[13]!) ^
      Math.imul((low ? s.dst2 : s.src2) ^ f[14]!, f[15]!);
  }
  h = Math.imul(h ^ (h >>> 16) ^ ports, f[17]!);
  h = Math.imul(h ^ (h >>> 15) ^ f[16]!, f[19]!);
  return h ^ (h >>> 13);
}

/** Twenty odd factors from a seed (xorshift). */
export function hashFactors(seed: number): Uint32Array {
  const factors = new Uint32Array(20);
  let x = seed >>> 0 || 0x9e3779b9;
  for (let i = 0; i < factors.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    factors[i] = x | 1;
  }
  return factors;
}
