import { describe, expect, it } from 'vitest';
import { clocksBehind, clocksOf } from './network/nat.ts';

const listing = (...elem: [string, number][]): string =>
  JSON.stringify({
    nftables: [{ metainfo: {} }, { set: { name: 'clocks', elem: elem.map((concat) => ({ concat })) } }],
  });

describe('the clocks of the hosts behind NAT', () => {
  it('are the latest timestamp of each', () => {
    const clocks = clocksOf(
      listing(['10.9.1.2', 500], ['10.9.1.3', 90], ['10.9.1.2', 700], ['10.9.1.2', 600]),
    );
    expect([...clocks]).toEqual([
      ['10.9.1.2', 700],
      ['10.9.1.3', 90],
    ]);
  });
  it('go on over the wrap', () => {
    const clocks = clocksOf(listing(['10.9.1.2', 5], ['10.9.1.2', 2 ** 32 - 5]));
    expect(clocks.get('10.9.1.2')).toBe(5);
  });
  it('are none where nothing came', () => {
    expect(clocksOf('{"nftables": [{"set": {"name": "clocks"}}]}').size).toBe(0);
  });
});

it.each([
  ['half of all timestamps', 2 ** 31 + 1000, '1001-2147484647'],
  ['over the wrap in two ranges', 1000, '0-999, 2147484649-4294967295'],
])('behind a clock are %s', (_, clock, ranges) => {
  expect(clocksBehind(clock)).toBe(ranges);
});
