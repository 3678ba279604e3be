import { expect, it } from 'vitest';
import { decodeFrame, skippedNumber } from '../../src/decode/decode.ts';
import { newSegment } from '../../src/decode/segment.ts';
import { NOT_IP, NOT_TCP, SkippedNumbers, TOO_DEEP } from '../../src/decode/verdict.ts';
import { ethernet, frameOf, hex, ipv4, ipv6, join, udp, vlan, zeros } from './build.ts';

const IPV4 = 0x0800;
const inIpv4 = (protocol: number, payload: Uint8Array) => ethernet(IPV4, ipv4({ protocol }, payload));

it.each([
  ['an EtherType', NOT_IP, 0x8906, ethernet(0x8906, zeros(60))],
  ['behind a tag', NOT_IP, 0x88cc, ethernet(0x8100, vlan(7, 0x88cc, zeros(60)))],
  ['in a tunnel', NOT_IP, 0x0806, inIpv4(47, join(hex('0000 6558'), ethernet(0x0806, zeros(40))))],
  ['LLC that names none', NOT_IP, 0, ethernet(38, zeros(60))],
  ['a protocol', NOT_TCP, 132, inIpv4(132, zeros(40))],
  [
    'a protocol of IPv6',
    NOT_TCP,
    58,
    ethernet(0x86dd, ipv6({ next: 60 }, join(hex('3a 00 0104 00000000'), zeros(40)))),
  ],
  ['a protocol behind AH', NOT_TCP, 50, inIpv4(51, join(hex('32 01 0000'), zeros(8), zeros(40)))],
  ['UDP that is no tunnel', NOT_TCP, 17, inIpv4(17, udp(53, zeros(40)))],
])('names what a frame was skipped for: %s', (_, verdict, number, bytes) => {
  const segment = newSegment();
  // What the frame before was is forgotten.
  decodeFrame(frameOf(inIpv4(99, zeros(40))), segment);
  expect(decodeFrame(frameOf(bytes), segment)).toBe(verdict);
  expect(skippedNumber()).toBe(number);
});

it('counts by number, and names those of a tenth or more, most first', () => {
  const numbers = new SkippedNumbers();
  const add = (times: number, verdict: number, number: number) => {
    for (let n = 0; n < times; n++) numbers.add(verdict, number);
  };
  add(9, NOT_IP, 0xffff);
  add(11, NOT_IP, 0x0806);
  add(80, NOT_IP, 0x8906);
  add(1, NOT_TCP, 17);
  add(2, NOT_TCP, 255);
  add(1000, TOO_DEEP, 17);
  expect(numbers.most('not-ip')).toEqual([0x8906, 0x0806]);
  expect(numbers.most('not-tcp')).toEqual([255, 17]);
  expect(numbers.most('too-deep')).toEqual([]);
  add(5, NOT_IP, 0);
  expect(numbers.most('not-ip')).not.toContain(0);
});
