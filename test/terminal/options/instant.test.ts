import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseInstant } from '../../../src/terminal/options/instant.ts';

const us = (iso: string, micros = 0) => Date.parse(iso) * 1000 + micros;
const SPAN = { firstUs: us('2026-11-21T22:00:00.250Z', 7), lastUs: us('2026-11-22T03:00:00Z') };

describe('an instant', () => {
  it.each([
    ['start', SPAN.firstUs],
    ['end', SPAN.lastUs],
    ['+12.5', SPAN.firstUs + 12_500_000],
    ['+1.5min', SPAN.firstUs + 90_000_000],
    ['-3', SPAN.lastUs - 3_000_000],
    ['-250ms', SPAN.lastUs - 250_000],
    ['1795305600', us('2026-11-22T00:00:00Z')],
    ['1795305600.000001', us('2026-11-22T00:00:00Z', 1)],
    ['1795305600123', us('2026-11-22T00:00:00.123Z')],
    ['1795305600123456', us('2026-11-22T00:00:00.123Z', 456)],
    ['2026-11-21T22:00:00.250Z', SPAN.firstUs],
    ['22:00:00.25', SPAN.firstUs],
    ['22:30', us('2026-11-21T22:30:00Z')],
    ['22:30:15.123456', us('2026-11-21T22:30:15.123Z', 456)],
    ['22:30:15,5', us('2026-11-21T22:30:15.5Z')],
    ['01:02:03', us('2026-11-22T01:02:03Z')],
    ['2026-11-22', us('2026-11-22T00:00:00Z')],
    ['2026-11-22T01:00', us('2026-11-22T01:00:00Z')],
    ['2026-11-22 01:00:00.000009', us('2026-11-22T01:00:00Z', 9)],
    ['2026-11-22T02:00:00+01:00', us('2026-11-22T01:00:00Z')],
    ['2026-11-22T02:00:00.5Z', us('2026-11-22T02:00:00.5Z')],
  ])('%s', (text, expected) => {
    expect(parseInstant(text, SPAN, true)).toBe(expected);
  });

  it.each(['', 'noon', '25:00', '12:61', '+', '+x', '2026-13-01', '2026-11-31', '1795305600.x', '12:00:00Z'])(
    '%j is none',
    (text) => {
      expect(() => parseInstant(text, SPAN, true)).toThrow(/no time; it is start, end/);
    },
  );

  it.each(['2026-11-20', '21:59:59', '22:00:00.249', '+6h', '-6h', '0'])(
    '%s is not in the captures',
    (text) => {
      expect(() => parseInstant(text, SPAN, true)).toThrow(
        /not in the captures, which last from 2026-11-21T22:00:00.250Z to 2026-11-22T03:00:00.000Z/,
      );
    },
  );
});

describe('local time', () => {
  const before = process.env.TZ;
  beforeEach(() => {
    process.env.TZ = 'Asia/Kolkata';
  });
  afterEach(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });

  it.each([
    ['03:30:01', us('2026-11-21T22:00:01Z')],
    ['2026-11-22T03:30:01', us('2026-11-21T22:00:01Z')],
    ['2026-11-21T22:00:01Z', us('2026-11-21T22:00:01Z')],
  ])('%s', (text, expected) => {
    expect(parseInstant(text, SPAN, false)).toBe(expected);
  });

  it('is that of the next day where the clocks are put back in between', () => {
    process.env.TZ = 'Europe/Berlin';
    const night = { firstUs: us('2026-10-24T21:00:00Z'), lastUs: us('2026-10-25T06:00:00Z') };
    expect(parseInstant('05:00', night, false)).toBe(us('2026-10-25T04:00:00Z'));
  });

  it('of the start as it is printed is the start, though the next day has it, too', () => {
    const days = { firstUs: SPAN.firstUs, lastUs: SPAN.firstUs + 3 * 86_400_000_000 };
    expect(parseInstant('03:30:00.250', days, false)).toBe(days.firstUs);
  });
});
