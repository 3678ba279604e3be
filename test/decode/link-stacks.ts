// One stack per link type, and per way to tell what follows.
import { ethernet, hex, join, u16, u32, vlan, zeros } from './build.ts';
import { bottom, IPV4, IPV6, inner, type Stack, stack, v4, v6 } from './stack.ts';

export const LINKS: Stack[] = [
  stack('Ethernet', 1, 4, inner),
  stack('Ethernet, IPv6', 1, 6, ethernet(IPV6, v6)),
  stack(
    'Ethernet with 802.3 length, LLC and SNAP',
    1,
    4,
    ethernet(8 + v4.length, join(hex('aaaa03 000000 0800'), v4)),
  ),
  stack('NULL, little endian', 0, 4, hex('02 00 00 00'), v4),
  stack('NULL, big endian', 0, 4, hex('00 00 00 02'), v4),
  ...[10, 23, 24, 28, 30].flatMap((family) => [
    stack(`NULL, IPv6 as ${family}, little endian`, 0, 6, join(family, 0, 0, 0), v6),
    stack(`NULL, IPv6 as ${family}, big endian`, 0, 6, u32(family), v6),
  ]),
  stack('LOOP', 108, 4, hex('00 00 00 02'), v4),
  stack('LOOP, IPv6', 108, 6, u32(24), v6),
  ...[12, 14, 101].flatMap((raw) => [
    stack(`RAW (${raw})`, raw, 4, v4),
    stack(`RAW (${raw}), IPv6`, raw, 6, v6),
  ]),
  stack('IPV4', 228, 4, v4),
  stack('IPV6', 229, 6, v6),
  stack('LINUX_SLL', 113, 4, hex('0000 0001 0006 020000000001 0000'), u16(IPV4), v4),
  stack('LINUX_SLL with a VLAN tag', 113, 4, hex('0000 0001 0006 020000000001 0000 8100'), vlan(7, IPV4, v4)),
  stack('LINUX_SLL with 802.2', 113, 4, hex('0000 0001 0006 020000000001 0000 0004 aaaa03 000000 0800'), v4),
  stack('LINUX_SLL2', 276, 6, u16(IPV6), hex('0000 00000002 0001 00 06 020000000001 0000'), v6),
  stack('PPP', 9, 4, u16(0x0021), v4),
  stack('PPP, IPv6', 9, 6, u16(0x0057), v6),
  stack('PPP with address and control', 9, 4, hex('ff03 0021'), v4),
  stack('PPP, protocol field compressed', 9, 4, hex('21'), v4),
  stack('PPP with address and control, compressed', 9, 6, hex('ff03 57'), v6),
  stack('PPP, MPLS', 9, 4, u16(0x0281), bottom(16), v4),
  stack('PPP_HDLC', 50, 4, hex('ff03 0021'), v4),
  stack('PPP_HDLC, Cisco', 50, 4, hex('0f00 0800'), v4),
  stack('PPP_HDLC, Cisco broadcast', 50, 6, hex('8f00 86dd'), v6),
  stack('PPP_ETHER', 51, 4, hex('11 00 0001'), u16(2 + v4.length), u16(0x0021), v4),
  stack("PPP, Cisco's HDLC", 9, 4, hex('0f00 0800'), v4),
  stack("PPP, Cisco's HDLC, IPv6 broadcast", 9, 6, hex('8f00 86dd'), v6),
  stack('C_HDLC', 104, 4, hex('0f00 0800'), v4),
  stack('C_HDLC, IPv6 broadcast', 104, 6, hex('8f00 86dd'), v6),
];

/** An attribute of NFLOG, in the byte order of the host. */
const attribute = (type: number, value: Uint8Array, littleEndian = true) => {
  const [length, of] = [u16(4 + value.length), u16(type)];
  const head = littleEndian ? join(length.reverse(), of.reverse()) : join(length, of);
  return join(head, value, zeros(-value.length & 3));
};

export const LOGS: Stack[] = [
  stack(
    'NFLOG',
    239,
    4,
    hex('02 00 0007'),
    attribute(1, hex('0800 00 00')),
    attribute(10, hex('6100')),
    attribute(9, v4),
  ),
  stack(
    'NFLOG, IPv6, big endian, a prefix of odd length',
    239,
    6,
    hex('0a 00 0007'),
    attribute(1, hex('86dd 00 00'), false),
    attribute(10, hex('61626300 00'), false),
    attribute(9, v6, false),
  ),
  stack(
    'NFLOG, a nested attribute',
    239,
    4,
    hex('02 00 0007'),
    attribute(0x8012, zeros(8)),
    attribute(9, v4),
  ),
  stack(
    'NFLOG, a nested attribute, big endian',
    239,
    4,
    hex('02 00 0007'),
    attribute(0x8012, zeros(8), false),
    attribute(9, v4, false),
  ),
  stack('IPOIB', 242, 4, zeros(40), hex('0800 0000'), v4),
  stack('IPOIB, IPv6', 242, 6, zeros(40), hex('86dd 0000'), v6),
];
