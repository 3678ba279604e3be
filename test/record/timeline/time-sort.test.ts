import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TimeSort } from '../../../src/record/timeline/time-sort.ts';

const CODES = 256;

/** What a TimeSort holds, in its order. */
function contentOf(sort: TimeSort): [time: number, code: number][] {
  return Array.from({ length: sort.length }, (_, i) => [sort.timeOf(i), sort.codeOf(i)]);
}

it.each([0, 1, 2047, 8191, 8192, 2 ** 22, 2 ** 32 - 1, 2 ** 32, 2 ** 33, Number.MAX_SAFE_INTEGER])(
  'property: sorts times up to %d apart, and keeps the order of equal ones',
  (range) => {
    const sort = new TimeSort(200);
    const time = fc.nat({ max: range }).map((offset) => Number.MAX_SAFE_INTEGER - offset);
    fc.assert(
      fc.property(fc.array(time, { maxLength: 200 }), (times) => {
        sort.clear();
        times.forEach((time, i) => {
          sort.add(time, CODES - 1 - i);
        });
        sort.sort();
        const order = times.map((_, i) => i).sort((a, b) => times[a]! - times[b]!);
        expect(contentOf(sort)).toEqual(order.map((i) => [times[i], CODES - 1 - i]));
      }),
    );
  },
);

it('is full when it holds as many as it has room for', () => {
  const sort = new TimeSort(2);
  const full = [1, 2].map((time) => {
    sort.add(time, 0);
    return sort.isFull;
  });
  sort.clear();
  expect([full, sort.isFull]).toEqual([[false, true], false]);
});
