import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newClock, timeUs } from '../../../src/capture/files/pcapng-clock.ts';

/** The time by the format's definition, in whole numbers of any size. */
function exactUs(resolution: number, offsetSeconds: bigint, ticks: bigint): bigint {
  const digits = BigInt(resolution & 0x7f);
  const perSecond = resolution >= 0x80 ? 2n ** digits : 10n ** digits;
  return (ticks * 1_000_000n) / perSecond + offsetSeconds * 1_000_000n;
}

const read = (resolution: number, offset: bigint, ticks: bigint) =>
  timeUs(newClock(resolution, Number(offset)), Number(ticks >> 32n), Number(ticks & 0xffffffffn));

/** Seconds that a safe integer of microseconds holds, with room for as much again. */
const seconds = fc.bigInt(-4_000_000_000n, 4_000_000_000n);
const anyTicks = fc.bigInt(0n, 2n ** 64n - 1n);

describe('pcapng timestamps', () => {
  it('are exact for every resolution and offset, as far as safe integers go', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), seconds, anyTicks, (resolution, offset, ticks) => {
        const safe = BigInt(Number.MAX_SAFE_INTEGER);
        fc.pre(exactUs(resolution, 0n, ticks) <= safe);
        const exact = exactUs(resolution, offset, ticks);
        fc.pre(exact <= safe && exact >= -safe);
        expect(read(resolution, offset, ticks)).toBe(Number(exact));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    [3, 1_700_000_000_123n],
    [6, 1_700_000_000_123_456n],
    [7, 17_000_000_001_234_567n],
    [9, 1_700_000_000_123_456_999n],
    [12, 9_000_000_123_456_999_999n],
    [13, 2n ** 64n - 1n],
    [0x80 | 10, 1_700_000_000n * 1024n + 1023n],
    [0x80 | 20, (1_700_000_000n << 20n) + 1_048_575n],
    [0x80 | 32, (1_700_000_000n << 32n) + 0xffff_ffffn],
    [0x80 | 33, (1_700_000_000n << 33n) + 0x1_ffff_ffffn],
    [0x80 | 64, 2n ** 64n - 1n],
  ])('near the present, in units of resolution %i', (resolution, ticks) => {
    expect(read(resolution, 0n, ticks)).toBe(Number(exactUs(resolution, 0n, ticks)));
  });

  it('are always safe integers', () => {
    const offset = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), offset, anyTicks, (resolution, seconds, ticks) => {
        expect(Number.isSafeInteger(read(resolution, seconds, ticks))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
