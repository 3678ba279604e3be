import type { Segment } from '../../decode/segment.ts';

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

// A hash of 32-bit words whose collisions senders of packets cannot choose: the sum of all their halves, each times a
// factor of its own, modulo the prime 2^31 - 1. Of two keys that differ, whichever they are, the sums are equal for at
// most one in 2^31 choices of the factors (Carter and Wegman, Universal classes of hash functions, 1979). Truncated
// products do not have that: where words differ in their top bits only, so do the products, whatever the factors.

const PRIME = 2 ** 31 - 1;

/** Those of the halves of nine words. */
const FACTORS = 18;

/** Factors from a random seed: secret, and the same for all keys of a table. */
export function hashFactors(seed: number): Float64Array {
  let state = seed >>> 0;
  return Float64Array.from({ length: FACTORS }, () => {
    // splitmix32
    state = (state + 0x9e3779b9) | 0;
    let x = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) % PRIME;
  });
}

/** A word's part of the sum, less than 2^48: its halves have the factors at `i`. Eighteen halves are exact in a float64. */
export function multiplied(factors: Float64Array, i: number, word: number): number {
  return (word & 0xffff) * factors[i]! + (word >>> 16) * factors[i + 1]!;
}

/** The hash of a sum, 32 bits: its remainder, or that and PRIME, mixed so that neighbours come to lie apart (murmur3). */
export function mixed(sum: number): number {
  const high = Math.floor(sum / 2 ** 31);
  let h = (sum - high * 2 ** 31 + high) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
