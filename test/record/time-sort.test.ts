import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TimeSort } from '../../src/record/time-sort.ts';

it.each([0, 1, 2047, 2048, 2 ** 22, 2 ** 33, Number.MAX_SAFE_INTEGER])(
  'property: sorts times up to %d apart, and keeps the order of equal ones',
  (range) => {
    const first = Number.MAX_SAFE_INTEGER - range;
    fc.assert(
      fc.property(fc.array(fc.nat({ max: range }), { maxLength: 200 }), (offsets) => {
        const times = Float64Array.from(offsets, (offset) => first + offset);
        const codes = Uint8Array.from(offsets, (_, i) => i);
        new TimeSort(200).sort(times, codes, offsets.length);
        const order = offsets.map((_, i) => i).sort((a, b) => offsets[a]! - offsets[b]!);
        expect([...codes]).toEqual(order);
        expect([...times]).toEqual(order.map((i) => first + offsets[i]!));
      }),
    );
  },
);
