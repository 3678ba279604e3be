import { expect, it } from 'vitest';
import { parseDuration } from '../../../src/terminal/options/duration.ts';

it.each([
  ['5', 5_000_000],
  ['5s', 5_000_000],
  ['0.5s', 500_000],
  ['.25 s', 250_000],
  ['500ms', 500_000],
  ['20us', 20],
  ['20µs', 20],
  ['1.5min', 90_000_000],
  ['2m', 120_000_000],
  ['1h', 3_600_000_000],
  ['1d', 86_400_000_000],
])('%s', (text, us) => {
  expect(parseDuration(text)).toBe(us);
});

it.each(['', 's', '5 parsecs', '-1s', '1e3', 'NaN', '1,5s'])('%j is refused', (text) => {
  expect(() => parseDuration(text)).toThrow('It is a number and');
});
