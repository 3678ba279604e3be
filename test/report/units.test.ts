import { afterEach, describe, expect, it, vi } from 'vitest';
import { count, counted, duration, isoTime } from '../../src/report/units.ts';
import { NOON } from '../record/batches.ts';

it.each([
  [0, '0 s'],
  [1, '1 µs'],
  [950, '950 µs'],
  [999, '999 µs'],
  [1_000, '1.00 ms'],
  [12_345, '12.3 ms'],
  [999_960, '1.00 s'],
  [59_940_000, '59.9 s'],
  [60_000_000, '1 min'],
  [9_996_000, '10.0 s'],
  [62_400_000, '1 min 2 s'],
  [99_960_000, '1 min 40 s'],
  [3_590_000_000, '59 min 50 s'],
  [3_599_499_999, '59 min 59 s'],
  [3_599_999_999, '1 h'],
  [3_600_000_000, '1 h'],
  [3_659_000_000, '1 h 1 min'],
  [-3_700_000_000, '-1 h 2 min'],
  [108_000_000_000, '30 h'],
  [259_199_999_999, '3 days'],
  [360_000_000_000, '4 days'],
  [-1_500, '-1.50 ms'],
])('duration(%d) is %s', (us, text) => {
  expect(duration(us)).toBe(text);
});

it.each([
  [0, '0 flows'],
  [1, '1 flow'],
  [1_234_567, '1,234,567 flows'],
])('counted(%d) is %s', (n, text) => {
  expect(counted(n, 'flow')).toBe(text);
  expect(count(n)).toBe(text.split(' ')[0]);
});

describe('isoTime', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ['UTC', '2024-05-01T12:00:00.123+00:00'],
    ['America/St_Johns', '2024-05-01T09:30:00.123-02:30'],
    ['Asia/Kathmandu', '2024-05-01T17:45:00.123+05:45'],
  ])('gives local time with its offset in %s', (zone, text) => {
    vi.stubEnv('TZ', zone);
    expect(isoTime(NOON + 123_999, false)).toBe(text);
  });

  it('gives UTC where asked', () => {
    vi.stubEnv('TZ', 'Asia/Kathmandu');
    expect(isoTime(NOON, true)).toBe('2024-05-01T12:00:00.000Z');
  });
});
