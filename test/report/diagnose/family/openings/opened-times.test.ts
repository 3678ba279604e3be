import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OpenedTimes } from '../../../../../src/report/diagnose/family/openings/opened-times.ts';

const SECOND = 1_000_000;
const EVER = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

it('counts those opened at once apart from those opened late', () => {
  const times = new OpenedTimes([[30, 10], [20], [40], [50]]);
  expect(times.atOnce(...EVER)).toBe(4);
  expect(times.all(...EVER)).toBe(5);
});

it('tells of two seconds about a moment who had no trouble, and who of them lost something later', () => {
  const well = [0, 1.9 * SECOND, 2 * SECOND, 6 * SECOND, 6.1 * SECOND];
  const times = new OpenedTimes([well, [4 * SECOND, 7 * SECOND], [4 * SECOND], [4 * SECOND]]);
  expect(times.near(4 * SECOND)).toEqual({ opened: 3, lossy: 1 });
});

it('of nothing there is none', () => {
  expect(new OpenedTimes().all(...EVER)).toBe(0);
});

it('counts as one who looks at every time, both ends included', () => {
  const instant = fc.integer({ min: 0, max: 40 });
  fc.assert(
    fc.property(fc.array(fc.array(instant), { maxLength: 4 }), instant, instant, (times, since, until) => {
      const within = times.flat().filter((at) => since <= at && at <= until);
      expect(new OpenedTimes(times).all(since, until)).toBe(within.length);
    }),
  );
});
