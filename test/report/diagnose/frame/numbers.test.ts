import { expect, it } from 'vitest';
import { numberName, numbersText } from '../../../../src/report/diagnose/frame/number-text.ts';
import { ifAny, kindOf, knownNumbers } from '../../../../src/report/diagnose/frame/numbers.ts';
import { NOON } from '../../../record/batches.ts';

it.each([
  ['standing', 'count'],
  ['fins_sent_again', 'count'],
  ['oldest_us', 'duration'],
  ['gone_after_at_most_us', 'duration'],
  ['exhausted_at_us', 'time'],
  ['refused_from_us', 'time'],
  ['growth_per_s', 'rate'],
  ['share_percent', 'percent'],
])('%s is by its name a %s', (name, kind) => {
  expect(kindOf(name)).toBe(kind);
});

it('each kind has its unit, and no unit in its name', () => {
  const numbers = { at_once: 1234, oldest_us: 12_300_000, exhausted_at_us: NOON, closes_per_s: 0.25 };
  expect(numbersText(numbers, true)).toBe(
    'at once 1,234, oldest 12.3 s, exhausted at 2024-05-01T12:00:00.000Z, closes 0.25/s',
  );
  expect(numberName('taken_percent')).toBe('taken');
});

it('those that are not known, or say nothing, are left out; the others keep their order', () => {
  const numbers = {
    standing: 3,
    buckets: null,
    mute: ifAny(0),
    usual_us: undefined,
    closed: 0,
    again: ifAny(2),
  };
  expect(Object.entries(knownNumbers(numbers))).toEqual([
    ['standing', 3],
    ['closed', 0],
    ['again', 2],
  ]);
});
