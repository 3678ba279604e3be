import { describe, expect, it } from 'vitest';
import { overlaps, overlapText } from '../../../src/report/summary/overlap.ts';

const file = (path: string, [first, last]: readonly [number | null, number | null]) => ({
  path,
  firstUs: first === null ? null : first * 1e6,
  lastUs: last === null ? null : last * 1e6,
});

describe('files that overlap in time', () => {
  it.each([
    ['both ends of the same minutes', [0, 60], [0.5, 61], 1],
    ['a short one inside', [0, 60], [10, 10.4], 1],
    ['the next of a rotated capture', [0, 60], [60.1, 120], 0],
    ['one that begins a little before the last has ended', [0, 60], [59.9, 120], 0],
    ['in the wrong order', [60, 120], [0, 60], 0],
    ['one packet each, at the same time', [5, 5], [5, 5], 0],
    ['one without packets', [0, 60], [null, null], 0],
  ] as const)('%s', (_, a, b, n) => {
    expect(overlaps([file('a', a), file('b', b)])).toHaveLength(n);
  });

  it('are named, and how they are read as one', () => {
    expect(overlapText([file('c.pcap', [0, 9]), file('my s.pcap', [0, 9])])).toBe(
      'c.pcap and my s.pcap overlap in time, and were read one after the other ' +
        "(mergecap -w both.pcap c.pcap 'my s.pcap' makes them one)",
    );
  });
});
