// Sequence number arithmetic, modulo 2^32 (RFC 9293 3.4, RFC 1982). Numbers are unsigned in and out.
// Two numbers compare right while they are less than 2^31 apart.

/** `a + n`, wrapped. `n` may be negative. */
export function seqAdd(a: number, n: number): number {
  return (a + n) >>> 0;
}

/** Signed distance from `b` to `a`: positive where `a` is later; from -2^31 to 2^31 - 1. */
export function seqDiff(a: number, b: number): number {
  return (a - b) | 0;
}

/** Whether `a` is later than `b`. */
export function isAfter(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** Whether `a` is `b`, or later. */
export function isAtOrAfter(a: number, b: number): boolean {
  return ((a - b) | 0) >= 0;
}

/** The largest window there is (RFC 7323 2.2). */
export const LARGEST_WINDOW = 65_535 << 14;

/**
 * Distance from `b` to a later number `a` of the same stream, of which up to 3 GB may be missing: none
 * is further back than the largest window, so what looks like that lies ahead.
 */
export function seqStep(a: number, b: number): number {
  const step = (a - b) | 0;
  return step < -LARGEST_WINDOW ? step + 2 ** 32 : step;
}

/** The later of two. */
export function seqMax(a: number, b: number): number {
  return ((a - b) | 0) < 0 ? b : a;
}
