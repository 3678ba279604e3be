import { expect, it } from 'vitest';
import { icmpMeaning, icmpName } from '../../src/report/icmp.ts';

const V4 = '10.0.0.1';
const V6 = '2001:db8::1';

it.each([
  [3, 13, V4, 'ICMP 3/13', 'communication administratively prohibited'],
  [3, 1, V4, 'ICMP 3/1', 'host unreachable'],
  [3, 99, V4, 'ICMP 3/99', 'destination unreachable'],
  [4, 0, V4, 'ICMP 4/0', 'source quench'],
  [11, 0, V4, 'ICMP 11/0', 'time to live exceeded in transit'],
  [77, 0, V4, 'ICMP 77/0', 'an error without a name'],
  [1, 1, V6, 'ICMPv6 1/1', 'communication with destination administratively prohibited'],
  [2, 0, V6, 'ICMPv6 2/0', 'packet too big'],
  [3, 0, V6, 'ICMPv6 3/0', 'hop limit exceeded in transit'],
  [100, 3, V6, 'ICMPv6 100/3', 'an error without a name'],
])('names %i/%i of %s', (type, code, ip, name, meaning) => {
  expect(icmpName(type, code, ip)).toBe(name);
  expect(icmpMeaning(type, code, ip)).toBe(meaning);
});
