import { describe, expect, it } from 'vitest';
import { Random } from '../../scripts/generate/random.ts';
import { dropRule } from './network/router.ts';
import { framesCaptured } from './network/tcpdump.ts';
import { toEpoch } from './truth/clock.ts';

describe('a loss as an nftables rule', () => {
  it.each([
    [
      { from: 'client', flags: 'fin', count: 1 },
      'iifname "client0" tcp flags & fin == fin limit rate 1/day burst 1 packets counter drop',
    ],
    [
      { from: 'server', flags: 'ack' },
      'iifname "server0" tcp flags & (fin | syn | rst | psh | ack) == ack counter drop',
    ],
    [
      { from: 'client', flags: 'syn', port: 9002 },
      'iifname "client0" tcp flags & (syn | ack) == syn tcp dport 9002 counter drop',
    ],
    [
      { from: 'client', flags: 'syn', prohibits: true },
      'iifname "client0" tcp flags & (syn | ack) == syn counter reject with icmpx admin-prohibited',
    ],
    [
      { from: 'client', flags: 'syn', port: 9001, over: 12 },
      'iifname "client0" tcp flags & (syn | ack) == syn tcp dport 9001 ct state new ct count over 12 counter drop',
    ],
    [{ from: 'both', flags: 'any', percent: 10 }, 'meta l4proto tcp numgen random mod 100 < 10 counter drop'],
  ] as const)('%j', (drop, rule) => {
    expect(dropRule(drop)).toBe(rule);
  });
});

describe("tcpdump's closing words", () => {
  const words = (captured: number, received: number, dropped: number): string =>
    `tcpdump: listening on eth0\n${captured} packets captured\n${received} packets received by filter\n${dropped} packets dropped by kernel\n`;

  it('count the frames', () => {
    expect(framesCaptured(words(11, 11, 0))).toBe(11);
  });
  it('count a single one', () => {
    const said = '1 packet captured\n1 packet received by filter\n0 packets dropped by kernel\n';
    expect(framesCaptured(said)).toBe(1);
  });
  it.each([
    ['a frame was not written', words(10, 11, 0)],
    ['the kernel dropped one', words(11, 11, 1)],
    ['there are none', 'tcpdump: eth0: No such device exists'],
  ])('are an error if %s', (_, said) => {
    expect(() => framesCaptured(said)).toThrow('tcpdump lost frames');
  });
});

describe('the conversion of clocks', () => {
  it('follows the drift between two readings', () => {
    const epoch = toEpoch({ at: 1000, offset: 5000 }, { at: 2000, offset: 5100 });
    expect([1000, 1500, 2000].map(epoch)).toEqual([6000, 6550, 7100]);
  });
  it('does with a single reading', () => {
    const reading = { at: 1000, offset: 5000 };
    expect(toEpoch(reading, reading)(1700)).toBe(6700);
  });
});

describe('random numbers', () => {
  const draw = (seed: number): number[] => {
    const random = new Random(seed);
    return Array.from({ length: 1000 }, () => random.between(0, 1));
  };

  it('repeat for a seed and differ between seeds', () => {
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });
  it('spread over 0 to 1', () => {
    const quarters = [0, 0, 0, 0];
    for (const number of draw(3)) quarters[Math.floor(number * 4)]! += 1;
    expect(Math.min(...quarters)).toBeGreaterThan(200);
  });
});
