import fc from 'fast-check';
import { expect, it } from 'vitest';
import { peakOf } from '../../../../../src/report/diagnose/frame/aggregates/standing-peak.ts';

it('what ends at an instant makes room for what begins then', () => {
  expect(peakOf([0, 10, 10, 20, 20, 30])).toEqual({ atOnce: 1, atUs: 0 });
});

it('tells the first time that most stood at once', () => {
  expect(peakOf([0, 10, 5, 8, 20, 40, 30, 50])).toEqual({ atOnce: 2, atUs: 5 });
});

it('of nothing there is none', () => {
  expect(peakOf([])).toEqual({ atOnce: 0, atUs: 0 });
});

it('counts as one who looks at every beginning', () => {
  const span = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 30 }));
  fc.assert(
    fc.property(fc.array(span, { minLength: 1 }), (spans) => {
      const times = spans.map(([from, length]) => [from, from + length] as const);
      const standing = (us: number) => times.filter(([from, until]) => from <= us && us < until).length;
      const atOnce = Math.max(...times.map(([from]) => standing(from)));
      const atUs = Math.min(...times.map(([from]) => from).filter((us) => standing(us) === atOnce));
      expect(peakOf(times.flat())).toEqual({ atOnce, atUs });
    }),
  );
});
