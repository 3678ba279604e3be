// ICMP errors, and what they quote: a segment of INNER's ports and number between V4 or V6.
import { ethernet, hex, icmp, ipv4, ipv6, join, type tcp, zeros } from '../build.ts';
import { IPV4, IPV6, inner, segment, V4, V6, v4, v6 } from '../stack.ts';

type Bytes = ReturnType<typeof tcp>;

/** Addresses of a router, the errors' sender. */
export const ROUTER = { v4: '10.9.9.1', v6: '2001:db8:9::1' };

/** An ICMP error in an Ethernet frame, from ROUTER. */
export const inIcmp = (message: Uint8Array) =>
  ethernet(IPV4, ipv4({ src: ROUTER.v4, dst: V4.src, protocol: 1 }, message));
export const inIcmpV6 = (message: Uint8Array) =>
  ethernet(IPV6, ipv6({ src: ROUTER.v6, dst: V6.src, next: 58 }, message));

/** The first bytes of a packet: its header, or its headers, and `more`. */
const cut = (packet: Bytes, length: number) => packet.subarray(0, length);
/** Linux and routers quote at least the header and eight bytes. */
const shortV4 = cut(v4, 28);
const shortV6 = cut(v6, 48);

/** An original datagram that is filled up to 128 bytes, and an extension: an MPLS label stack (RFC 4884 7, RFC 4950). */
const extended = (quote: Uint8Array) =>
  join(quote, zeros(128 - quote.length), hex('2000 0000 0008 0101 0001 01ff'));
/** Its length, of ICMP in words of four bytes, of ICMPv6 in words of eight. */
const LENGTH_V4 = hex('00 20 0000');
const LENGTH_V6 = hex('10 00 0000');

export interface ErrorFrame {
  name: string;
  bytes: Uint8Array;
  version: 4 | 6;
  type: number;
  code: number;
}

const frame = (
  name: string,
  version: 4 | 6,
  [type, code]: readonly [number, number],
  quote: Uint8Array,
  rest?: Uint8Array,
): ErrorFrame => {
  const message = icmp(type, code, quote, rest);
  return { name, version, type, code, bytes: version === 4 ? inIcmp(message) : inIcmpV6(message) };
};

/** Errors of which the quoted segment can be read. */
export const ERROR_FRAMES: readonly ErrorFrame[] = [
  frame('prohibited, all quoted', 4, [3, 13], v4),
  frame('host unreachable, eight bytes quoted', 4, [3, 1], shortV4),
  frame('fragmentation needed', 4, [3, 4], shortV4, hex('0000 0514')),
  frame('source quench', 4, [4, 0], shortV4),
  frame('time exceeded', 4, [11, 0], shortV4),
  frame('parameter problem', 4, [12, 0], shortV4, hex('14 00 0000')),
  frame('options in the quoted header', 4, [3, 13], ipv4({ ...V4, options: hex('94 04 0000') }, segment)),
  frame(
    'the longest options, eight bytes',
    4,
    [3, 3],
    cut(ipv4({ ...V4, options: join(hex('07 27 04'), zeros(37)) }, segment), 68),
  ),
  frame('the first fragment quoted', 4, [11, 1], ipv4({ ...V4, fragment: 0x2000 }, segment)),
  frame(
    'quoted behind an authentication header',
    4,
    [3, 10],
    ipv4({ ...V4, protocol: 51 }, join(hex('06 01 0000'), zeros(8), segment)),
  ),
  frame('an extension', 4, [3, 1], extended(shortV4), LENGTH_V4),
  frame('an extension, old style without length', 4, [11, 0], extended(shortV4)),
  frame('padding in Ethernet', 4, [3, 2], join(shortV4, zeros(4))),
  frame('prohibited, IPv6', 6, [1, 1], v6),
  frame('no route, eight bytes quoted, IPv6', 6, [1, 0], shortV6),
  frame('packet too big', 6, [2, 0], shortV6, hex('00000500')),
  frame('time exceeded, IPv6', 6, [3, 0], shortV6),
  frame('parameter problem, IPv6', 6, [4, 1], shortV6, hex('00000006')),
  frame('an unknown type of error', 6, [100, 0], shortV6),
  frame('an extension, IPv6', 6, [1, 4], extended(shortV6), LENGTH_V6),
  frame(
    'quoted behind a hop-by-hop header',
    6,
    [1, 3],
    ipv6({ ...V6, next: 0 }, join(hex('06 00 0502 0000 0100'), segment)),
  ),
  frame(
    'quoted behind a routing header and a fragment header',
    6,
    [1, 6],
    ipv6({ ...V6, next: 43 }, join(hex('2c 00 0000 00000000'), hex('06 00 0001 00000009'), segment)),
  ),
  {
    ...frame('in a tunnel', 4, [3, 13], v4),
    bytes: ethernet(
      IPV4,
      ipv4(
        { src: '10.8.0.1', dst: '10.8.0.2', protocol: 47 },
        join(hex('0000 6558'), inIcmp(icmp(3, 13, v4))),
      ),
    ),
  },
  {
    ...frame('behind a destination header', 6, [1, 1], v6),
    bytes: ethernet(
      IPV6,
      ipv6({ src: ROUTER.v6, dst: V6.src, next: 60 }, join(hex('3a 00 0104 00000000'), icmp(1, 1, v6))),
    ),
  },
];

/** Frames of ICMP that quote no segment, or none that can be read. */
export const OTHER_ICMP: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['an echo request that looks like a quote', inIcmp(icmp(8, 0, v4))],
  ['a redirect: the packet was forwarded', inIcmp(icmp(5, 1, v4, hex('0a090902')))],
  ['an echo request of ICMPv6', inIcmpV6(icmp(128, 0, v6))],
  ['the reserved type of ICMPv6', inIcmpV6(icmp(0, 0, v6))],
  ['seven bytes of TCP', inIcmp(icmp(3, 1, cut(v4, 27)))],
  ['seven bytes of TCP, IPv6', inIcmpV6(icmp(1, 0, cut(v6, 47)))],
  ['half a header', inIcmp(icmp(3, 1, cut(v4, 10)))],
  ['nothing', inIcmp(icmp(3, 1, zeros(0)))],
  ['not even all of its own header', inIcmp(hex('03 01 0000 00'))],
  ['UDP', inIcmp(icmp(3, 3, ipv4({ ...V4, protocol: 17 }, segment)))],
  ['another error', inIcmp(icmp(3, 3, ipv4({ ...V4, protocol: 1 }, icmp(3, 1, v4))))],
  ['a tunnel', inIcmp(icmp(3, 3, ipv4({ ...V4, protocol: 4 }, v4)))],
  ['a later fragment', inIcmp(icmp(11, 1, ipv4({ ...V4, fragment: 0x00b9 }, segment)))],
  [
    'a later fragment, IPv6',
    inIcmpV6(icmp(3, 1, ipv6({ ...V6, next: 44 }, join(hex('06 00 0008 00000009'), segment)))),
  ],
  ['IPv6 in ICMP', inIcmp(icmp(3, 1, v6))],
  ['IPv4 in ICMPv6', inIcmpV6(icmp(1, 0, v4))],
  ['ICMPv6 in IPv4', ethernet(IPV4, ipv4({ ...V4, protocol: 58 }, icmp(1, 0, v6)))],
  ['ICMP in IPv6', ethernet(IPV6, ipv6({ ...V6, next: 1 }, icmp(3, 1, v4)))],
  ['a header too short', inIcmp(icmp(3, 1, ipv4({ ...V4, headerWords: 4 }, segment)))],
  ['a total length that ends before TCP', inIcmp(icmp(3, 1, ipv4({ ...V4, totalLength: 24 }, segment)))],
  ['no packet at all', inIcmp(icmp(3, 1, inner))],
];
