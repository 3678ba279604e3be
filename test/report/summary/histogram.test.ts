import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distribution, histogramLines, share } from '../../../src/report/summary/histogram.ts';
import { percentile } from '../../../src/report/summary/samples.ts';
import { textWidth } from '../../../src/report/text.ts';

const sorted = (...values: number[]) => Float64Array.from(values).sort();
/** Durations of all orders of magnitude, from 0 to a year. */
const durations = fc.array(fc.tuple(fc.nat(9), fc.integer({ min: 0, max: 13 })).map(([n, e]) => n * 10 ** e));

describe('percentiles', () => {
  it.each([
    ['the median of an odd number', [1, 2, 9], 0.5, 2],
    ['the lower of two in the middle', [1, 2, 3, 9], 0.5, 2],
    ['one alone is all of them', [7], 0.99, 7],
    ['90 of 100', Array.from({ length: 100 }, (_, i) => i + 1), 0.9, 90],
    [
      '7 of 100, where a product of doubles is a little more',
      Array.from({ length: 100 }, (_, i) => i + 1),
      0.07,
      7,
    ],
    ['none of none', [], 0.5, 0],
  ])('%s', (_, values, of, expected) => {
    expect(percentile(sorted(...values), of)).toBe(expected);
  });

  it('property: as many as asked for are not above, and one less would be too few', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(20), { minLength: 1 }),
        fc.integer({ min: 1, max: 99 }),
        (values, percent) => {
          const found = percentile(sorted(...values), percent / 100);
          const upTo = (limit: number) => values.filter((value) => value <= limit).length * 100;
          expect(values).toContain(found);
          expect(upTo(found)).toBeGreaterThanOrEqual(percent * values.length);
          expect(upTo(found - 1)).toBeLessThan(percent * values.length);
        },
      ),
    );
  });
});

describe('bins', () => {
  it('go 1-2-5 from the shortest to the longest, a limit belonging to the upper one', () => {
    expect(distribution(sorted(3, 5, 19, 20)).bins).toEqual([
      { fromUs: 2, toUs: 5, count: 1 },
      { fromUs: 5, toUs: 10, count: 1 },
      { fromUs: 10, toUs: 20, count: 1 },
      { fromUs: 20, toUs: 50, count: 1 },
    ]);
  });

  it('keep a gap between them', () => {
    expect(distribution(sorted(1, 5)).bins.map(({ count }) => count)).toEqual([1, 0, 1]);
  });

  it('are decades where there would be too many', () => {
    const { bins } = distribution(sorted(1, 30_000_000));
    expect(bins.map(({ fromUs }) => fromUs)).toEqual([1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7]);
  });

  it('begin at 0 where something took no time', () => {
    expect(distribution(sorted(0, 0, 1)).bins).toEqual([
      { fromUs: 0, toUs: 1, count: 2 },
      { fromUs: 1, toUs: 2, count: 1 },
    ]);
  });

  it('are none of nothing', () => {
    expect(distribution(sorted())).toEqual({
      count: 0,
      medianUs: 0,
      p90Us: 0,
      p99Us: 0,
      longestUs: 0,
      bins: [],
    });
  });

  it('property: join each other, hold what lies in them, and all of it', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const { bins, count } = distribution(sorted(...values));
        for (const [i, bin] of bins.entries()) {
          expect(bin.count).toBe(values.filter((us) => us >= bin.fromUs && us < bin.toUs).length);
          if (i > 0) expect(bin.fromUs).toBe(bins[i - 1]!.toUs);
        }
        expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(values.length);
        expect(count).toBe(values.length);
        expect([bins[0]?.count, bins.at(-1)?.count]).not.toContain(0);
      }),
    );
  });
});

describe('the picture', () => {
  it('has limits, counts, shares and bars in proportion', () => {
    const bins = [
      { fromUs: 0, toUs: 1, count: 1 },
      { fromUs: 1, toUs: 1e3, count: 0 },
      { fromUs: 1e3, toUs: 1e6, count: 4000 },
      { fromUs: 1e6, toUs: 1e9, count: 2000 },
    ];
    expect(histogramLines(bins, '> ')).toEqual([
      '>      0 – 1 µs      1  <0.1 %  ▏',
      '>   1 µs – 1 ms      0   0.0 %',
      '>    1 ms – 1 s  4,000  66.7 %  ████████████████████████████████',
      '> 1 s – 1,000 s  2,000  33.3 %  ████████████████',
    ]);
  });

  it('property: fits 80 columns, and shows whatever is there', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1e9), { minLength: 1, maxLength: 12 }), (counts) => {
        const bins = counts.map((count, i) => ({ fromUs: 10 ** i, toUs: 10 ** (i + 1), count }));
        histogramLines(bins, '  ').forEach((line, i) => {
          expect(textWidth(line)).toBeLessThanOrEqual(80);
          expect(/[▏▎▍▌▋▊▉█]$/.test(line)).toBe(counts[i]! > 0);
        });
      }),
    );
  });

  it.each([
    [1, 3, '33.3 %'],
    [3, 3, '100.0 %'],
    [1, 10_000, '<0.1 %'],
    [0, 3, '0.0 %'],
  ])('%i of %i are %s', (part, whole, expected) => {
    expect(share(part, whole)).toBe(expected);
  });
});
