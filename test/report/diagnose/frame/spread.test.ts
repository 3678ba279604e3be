import { describe, expect, it } from 'vitest';
import { areOfTimers } from '../../../../src/report/diagnose/frame/spread.ts';

/** So many durations, each a little longer than the one before: 1 % in all. */
const around = (length: number, n: number) => Array.from({ length: n }, (_, i) => length * (1 + i / n / 100));
/** So many, spread evenly up to this length. */
const upTo = (length: number, n: number) => Array.from({ length: n }, (_, i) => (length * (i + 1)) / n);

describe('durations', () => {
  it.each<[string, number[]]>([
    ['of one timer', around(1e6, 5)],
    ['of two', [...around(1e6, 8), ...around(5e5, 6)]],
    ['of three', [...around(1e6, 8), ...around(5e5, 6), ...around(3e7, 3)]],
    ['of one, and a fifth of others', [...around(1e6, 8), 3e6, 4e6]],
  ])('%s are of timers', (_, durations) => {
    expect(areOfTimers(durations)).toBe(true);
  });

  it.each<[string, number[]]>([
    ['two', around(1e6, 2)],
    ['as of people who leave', upTo(3e7, 1000)],
    ['of one, and more than a fifth of others', [...around(1e6, 8), 3e6, 4e6, 5e6]],
    ['of four timers that are alike important', [1, 2, 4, 8].flatMap((s) => around(s * 1e6, 10))],
  ])('%s are not', (_, durations) => {
    expect(areOfTimers(durations)).toBe(false);
  });
});
