import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isAfter,
  isAtOrAfter,
  LARGEST_WINDOW,
  seqAdd,
  seqDiff,
  seqMax,
  seqStep,
} from '../../src/decode/sequence.ts';

const seq = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
);
/** A distance at which numbers compare. */
const near = fc.integer({ min: -0x7fffffff, max: 0x7fffffff });

describe('sequence numbers', () => {
  it.each([
    ['across the wrap', 0xffffffff, 1, 0],
    ['back across the wrap', 0, -1, 0xffffffff],
    ['a whole round', 7, 2 ** 32, 7],
    ['half a round', 0, 0x80000000, 0x80000000],
  ])('add %s', (_, a, n, expected) => {
    expect(seqAdd(a, n)).toBe(expected);
  });

  it('stay unsigned', () => {
    fc.assert(fc.property(seq, near, (a, n) => seqAdd(a, n) >= 0 && seqAdd(a, n) <= 0xffffffff));
  });

  it('differ by what was added', () => {
    fc.assert(fc.property(seq, near, (a, n) => seqDiff(seqAdd(a, n), a) === n));
  });

  it('come after one another by the sign of their difference', () => {
    fc.assert(
      fc.property(seq, near, (a, n) => {
        expect([isAfter(seqAdd(a, n), a), isAtOrAfter(seqAdd(a, n), a)]).toEqual([n > 0, n >= 0]);
      }),
    );
  });

  it('reach each other by their difference', () => {
    fc.assert(fc.property(seq, seq, (a, b) => seqAdd(b, seqDiff(a, b)) === a));
  });

  it('differ the other way round by the negative', () => {
    fc.assert(fc.property(seq, near, (a, n) => seqDiff(a, seqAdd(a, n)) + seqDiff(seqAdd(a, n), a) === 0));
  });

  it('are ordered by the sign of the step, wherever the wrap falls', () => {
    fc.assert(
      fc.property(seq, near, (a, n) => {
        const b = seqAdd(a, n);
        expect([seqDiff(a, b) < 0, seqDiff(a, b) <= 0]).toEqual([n > 0, n >= 0]);
        expect([seqDiff(b, a) < 0, seqDiff(b, a) <= 0]).toEqual([n < 0, n <= 0]);
        expect(seqMax(a, b)).toBe(n > 0 ? b : a);
        expect(seqMax(b, a)).toBe(seqMax(a, b));
      }),
    );
  });

  it.each([
    ['the number itself', 0, 0],
    ['the largest window back is back', -LARGEST_WINDOW, -LARGEST_WINDOW],
    ['what looks further back than that lies ahead', -LARGEST_WINDOW - 1, 2 ** 32 - LARGEST_WINDOW - 1],
    ['half a round lies ahead', 2 ** 31, 2 ** 31],
    ['3 GB lie ahead', 3_000_000_000, 3_000_000_000],
  ])('step along a stream: %s', (_, n, expected) => {
    for (const from of [0, 7, 0x80000000, 0xffffffff]) expect(seqStep(seqAdd(from, n), from)).toBe(expected);
  });
});
