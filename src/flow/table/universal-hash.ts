// A hash of 32-bit words whose collisions senders of packets cannot choose: the sum of all their halves, each times a
// factor of its own, modulo the prime 2^31 - 1. Of two keys that differ, whichever they are, the sums are equal for at
// most one in 2^31 choices of the factors (Carter and Wegman, Universal classes of hash functions, 1979). Truncated
// products do not have that: where words differ in their top bits only, so do the products, whatever the factors.

const PRIME = 2 ** 31 - 1;

/** Factors for so many halves: those of nine words. */
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
