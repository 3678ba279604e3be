// The same segment under everything that may carry it: one row per link type, tag, extension header and
// tunnel. The table tests read it, the property tests damage it.
import { FIN, ACK as FLAG_ACK } from '../../src/decode/segment.ts';
import { ethernet, hex, ipv4, ipv6, join, tcp, u16, u32, udp, vlan, zeros } from './build.ts';

const IPV4 = 0x0800;
const IPV6 = 0x86dd;

export const PAYLOAD_LENGTH = 7;
export const INNER = {
  srcPort: 40_001,
  dstPort: 443,
  seq: 0xfffffff0,
  ack: 0x80000001,
  flags: FIN | FLAG_ACK,
  window: 502,
};

/** The inner addresses, no two words alike. */
const V4 = { src: '192.0.2.1', dst: '198.51.100.2' };
const V6 = { src: '2001:db8:1111:2222:3333:4444:5555:6666', dst: '2001:db9:777:888:999:aaa:bbb:ccc' };

const segment = tcp({ ...INNER, options: hex('01 01 08 0a 00 00 00 05 ff ff ff ff') }, zeros(PAYLOAD_LENGTH));
const v4 = ipv4({ ...V4, ttl: 63, id: 0x1234 }, segment);
const v6 = ipv6({ ...V6, hopLimit: 63 }, segment);
const v6With = (next: number, ...headers: Uint8Array[]) =>
  ipv6({ ...V6, hopLimit: 63, next }, join(...headers, segment));
const inIpv4 = (protocol: number, payload: Uint8Array) =>
  ethernet(IPV4, ipv4({ src: '10.9.9.1', dst: '10.9.9.2', protocol }, payload));
const inUdp = (port: number, payload: Uint8Array) => inIpv4(17, udp(port, payload));
const inner = ethernet(IPV4, v4);
const bottom = (label: number) => u32((label << 12) | 0x1ff);
const label = (value: number) => u32((value << 12) | 0xff);

const SNAP = hex('aaaa03 000000');
const snap = (type: number, packet: Uint8Array) => join(SNAP, u16(type), packet);

export interface Stack {
  name: string;
  linkType: number;
  bytes: Uint8Array;
  /** The innermost IP version. */
  version: 4 | 6;
}

const stack = (name: string, linkType: number, version: 4 | 6, ...parts: Uint8Array[]): Stack => ({
  name,
  linkType,
  version,
  bytes: join(...parts),
});

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

/** An IEEE 802.11 header: frame control, duration, addresses 1 to 3, sequence control. */
const wlanHeader = (control: string, sequence = '1000') =>
  join(hex(control), hex('2c00 020000000001 020000000002 020000000003'), hex(sequence));
const ADDRESS_4 = hex('020000000004');
/** A subframe of an A-MSDU: addresses, length, then LLC; to a multiple of four bytes unless it is the last. */
const subframe = (type: number, packet: Uint8Array) =>
  join(hex('020000000001 020000000002'), u16(8 + packet.length), snap(type, packet));
const data = join(wlanHeader('0801'), snap(IPV4, v4));
const qosData = join(wlanHeader('8801'), hex('0000'), snap(IPV4, v4));

export const WIFI: Stack[] = [
  stack('IEEE802_11, to the access point', 105, 4, data),
  stack('IEEE802_11, from the access point, IPv6', 105, 6, wlanHeader('0802'), snap(IPV6, v6)),
  stack('IEEE802_11, between two stations', 105, 4, wlanHeader('0800'), snap(IPV4, v4)),
  stack('IEEE802_11, four addresses', 105, 4, wlanHeader('0803'), ADDRESS_4, snap(IPV4, v4)),
  stack('IEEE802_11, first fragment', 105, 4, wlanHeader('0805'), snap(IPV4, v4)),
  stack('IEEE802_11, a VLAN tag', 105, 4, wlanHeader('0802'), snap(0x8100, vlan(7, IPV4, v4))),
  stack('IEEE802_11, QoS', 105, 4, qosData),
  stack(
    'IEEE802_11, QoS, four addresses',
    105,
    6,
    wlanHeader('8803'),
    ADDRESS_4,
    hex('0500'),
    snap(IPV6, v6),
  ),
  stack('IEEE802_11, QoS, HT control', 105, 4, wlanHeader('8881'), hex('0000 00000000'), snap(IPV4, v4)),
  stack('IEEE802_11, A-MSDU', 105, 4, wlanHeader('8801'), hex('8000'), subframe(IPV4, v4)),
  stack('PRISM', 119, 4, u32(0x44000000), hex('90000000'), zeros(136), data),
  stack('PRISM, big endian', 119, 4, u32(0x44), u32(144), zeros(136), data),
  stack('PRISM, AVS', 119, 4, u32(0x80211001), u32(64), zeros(56), data),
  stack('AVS', 163, 4, u32(0x80211001), u32(64), zeros(56), data),
  stack('RADIOTAP', 127, 4, hex('00 00 0800 00000000'), data),
  stack('RADIOTAP, flags', 127, 4, hex('00 00 0900 02000000 00'), qosData),
  stack(
    'RADIOTAP, body padded',
    127,
    4,
    hex('00 00 0900 02000000 20'),
    wlanHeader('8801'),
    hex('0000 0000'),
    snap(IPV4, v4),
  ),
  stack(
    'RADIOTAP, body padded, time, two words of fields',
    127,
    4,
    hex('00 00 1900 030000a0 00000000 00000000 0000000000000000 20'),
    wlanHeader('8801'),
    hex('0000 0000'),
    snap(IPV4, v4),
  ),
  stack('PPI', 192, 4, hex('00 00 0800 69000000'), data),
  stack('PPI with a field', 192, 4, hex('00 00 1000 69000000'), hex('0500 0400 00000000'), qosData),
  stack('PPI, Ethernet', 192, 4, hex('00 00 0800 01000000'), inner),
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

export const SHIMS: Stack[] = [
  ...[0x8100, 0x88a8, 0x9100, 0x9200].map((tag) =>
    stack(`VLAN 0x${tag.toString(16)}`, 1, 4, ethernet(tag, vlan(7, IPV4, v4))),
  ),
  stack('QinQ', 1, 4, ethernet(0x88a8, vlan(7, 0x8100, vlan(8, IPV4, v4)))),
  stack(
    'five VLAN tags',
    1,
    6,
    ethernet(
      0x8100,
      [1, 2, 3, 4].reduce((p, id) => vlan(id, 0x8100, p), vlan(5, IPV6, v6)),
    ),
  ),
  stack(
    'VLAN, LLC and SNAP',
    1,
    4,
    ethernet(0x8100, vlan(7, 8 + v4.length, join(hex('aaaa03 000000 0800'), v4))),
  ),
  stack('MPLS', 1, 4, ethernet(0x8847, join(bottom(16), v4))),
  stack(
    'MPLS multicast, three labels, IPv6',
    1,
    6,
    ethernet(0x8848, join(label(16), label(17), bottom(2), v6)),
  ),
  stack('MPLS pseudowire with control word', 1, 4, ethernet(0x8847, join(bottom(16), u32(0), inner))),
  stack('MPLS pseudowire, IPv6', 1, 6, ethernet(0x8847, join(bottom(16), u32(0), ethernet(IPV6, v6)))),
  stack(
    'MPLS pseudowire, sequence number, VLAN',
    1,
    4,
    ethernet(0x8847, join(bottom(16), u32(0xffff), ethernet(0x8100, vlan(7, IPV4, v4)))),
  ),
  stack('PPPoE', 1, 4, ethernet(0x8864, join(hex('11 00 0001'), u16(2 + v4.length), u16(0x0021), v4))),
  stack('PPPoE, IPv6', 1, 6, ethernet(0x8864, join(hex('11 00 0001'), u16(2 + v6.length), u16(0x0057), v6))),
  stack(
    'PPPoE, protocol field compressed',
    1,
    4,
    ethernet(0x8864, join(hex('11 00 0001'), u16(1 + v4.length), 0x21, v4)),
  ),
  stack('802.1ah', 1, 4, ethernet(0x88e7, join(u32(0x123456), inner))),
  stack('FabricPath', 1, 4, ethernet(0x8903, join(u16(0x0420), inner))),
  stack('Cisco MetaData', 1, 4, ethernet(0x8909, join(hex('0101 0001 0011'), u16(IPV4), v4))),
  stack(
    'Cisco MetaData, VLAN, IPv6',
    1,
    6,
    ethernet(0x8909, join(hex('0101 0001 0011'), u16(0x8100), vlan(7, IPV6, v6))),
  ),
  stack('E-TAG', 1, 4, ethernet(0x893f, join(hex('0000 1001 0000'), u16(IPV4), v4))),
  stack(
    'E-TAG, VLAN, IPv6',
    1,
    6,
    ethernet(0x893f, join(hex('0000 1001 0000'), u16(0x8100), vlan(7, IPV6, v6))),
  ),
  stack('VN-Tag', 1, 4, ethernet(0x8926, join(u32(0x33), u16(0x8100), vlan(250, IPV4, v4)))),
];

export const EXTENSIONS: Stack[] = [
  stack('hop-by-hop', 1, 6, ethernet(IPV6, v6With(0, hex('06 00 0104 00000000')))),
  stack('routing, 24 bytes', 1, 6, ethernet(IPV6, v6With(43, hex('06 02 00 00 00000000'), zeros(16)))),
  stack('destination options', 1, 6, ethernet(IPV6, v6With(60, hex('06 00 0104 00000000')))),
  stack('mobility', 1, 6, ethernet(IPV6, v6With(135, hex('06 00 0000 00000000')))),
  stack('HIP', 1, 6, ethernet(IPV6, v6With(139, hex('06 00 0000 00000000')))),
  stack('shim6', 1, 6, ethernet(IPV6, v6With(140, hex('06 00 0000 00000000')))),
  stack('authentication, 24 bytes', 1, 6, ethernet(IPV6, v6With(51, hex('06 04 0000'), zeros(20)))),
  stack('first fragment', 1, 6, ethernet(IPV6, v6With(44, hex('06 00 0001 00000009')))),
  stack('atomic fragment', 1, 6, ethernet(IPV6, v6With(44, hex('06 00 0000 00000009')))),
  stack(
    'hop-by-hop, routing, fragment, destination',
    1,
    6,
    ethernet(
      IPV6,
      v6With(
        0,
        hex('2b 00 0104 00000000'),
        hex('2c 00 0000 00000000'),
        hex('3c 00 0001 00000009'),
        hex('06 00 0104 00000000'),
      ),
    ),
  ),
];

export const TUNNELS: Stack[] = [
  stack(
    'authentication header',
    1,
    4,
    ethernet(
      IPV4,
      ipv4({ ...V4, ttl: 63, id: 0x1234, protocol: 51 }, join(hex('06 04 0000'), zeros(20), segment)),
    ),
  ),
  stack('authentication header, tunnel mode', 1, 4, inIpv4(51, join(hex('04 04 0000'), zeros(20), v4))),
  stack('IP in IP', 1, 4, inIpv4(4, v4)),
  stack('6in4', 1, 6, inIpv4(41, v6)),
  stack('IPv4 in IPv6', 1, 4, ethernet(IPV6, ipv6({ next: 4 }, v4))),
  stack(
    'IPv6 in IPv6 behind a routing header',
    1,
    6,
    ethernet(IPV6, ipv6({ next: 43 }, join(hex('29 02 0000 00000000'), zeros(16), v6))),
  ),
  stack('MPLS in IP', 1, 4, inIpv4(137, join(bottom(16), v4))),
  stack('GRE', 1, 4, inIpv4(47, join(hex('0000 0800'), v4))),
  stack('GRE, IPv6', 1, 6, inIpv4(47, join(hex('0000 86dd'), v6))),
  stack(
    'GRE with checksum, key and sequence number',
    1,
    4,
    inIpv4(47, join(hex('b000 0800'), zeros(12), v4)),
  ),
  stack('GRE, Ethernet', 1, 4, inIpv4(47, join(hex('2000 6558'), u32(9), inner))),
  stack('GRE, MPLS', 1, 4, inIpv4(47, join(hex('0000 8847'), bottom(16), v4))),
  stack('GRE, MPLS multicast', 1, 6, inIpv4(47, join(hex('0000 8848'), bottom(16), v6))),
  stack('IEEE 802.11 in GRE', 1, 4, inIpv4(47, join(hex('0000 8200'), qosData))),
  stack('IEEE 802.11 in GRE, another number', 1, 4, inIpv4(47, join(hex('0000 8370'), data))),
  stack('WCCP', 1, 4, inIpv4(47, join(hex('0000 883e'), v4))),
  stack('WCCP, version 2', 1, 4, inIpv4(47, join(hex('0000 883e'), hex('80 00 00 1f'), v4))),
  stack('PPTP', 1, 4, inIpv4(47, join(hex('3081 880b 0000 0001'), u32(1), u32(2), hex('ff03 0021'), v4))),
  stack(
    'PPTP without acknowledgment',
    1,
    4,
    inIpv4(47, join(hex('3001 880b 0000 0001'), u32(1), hex('ff03 0021'), v4)),
  ),
  stack('ERSPAN type I', 1, 4, inIpv4(47, join(hex('0000 88be'), inner))),
  stack('ERSPAN type II', 1, 4, inIpv4(47, join(hex('1000 88be'), u32(1), hex('1001 0000 00000000'), inner))),
  stack(
    'ERSPAN type III',
    1,
    4,
    inIpv4(47, join(hex('1000 22eb'), u32(1), hex('2001 0000'), zeros(8), inner)),
  ),
  stack(
    'ERSPAN type III with subheader',
    1,
    4,
    inIpv4(47, join(hex('1000 22eb'), u32(1), hex('2001 0000'), zeros(6), hex('0001'), zeros(8), inner)),
  ),
  stack('VXLAN', 1, 4, inUdp(4789, join(hex('08000000 00002a00'), inner))),
  stack('VXLAN with group policy', 1, 4, inUdp(4789, join(hex('88000007 00002a00'), inner))),
  stack('VXLAN with its last byte set', 1, 4, inUdp(4789, join(hex('08000000 00002a01'), inner))),
  stack("VXLAN on Linux's own port", 1, 4, inUdp(8472, join(hex('08000000 00002a00'), inner))),
  stack('VXLAN-GPE', 1, 4, inUdp(4790, join(hex('0c000001 00002a00'), v4))),
  stack('VXLAN-GPE, IPv6', 1, 6, inUdp(4790, join(hex('0c000002 00002a00'), v6))),
  stack('VXLAN-GPE, Ethernet', 1, 4, inUdp(4790, join(hex('0c000003 00002a00'), inner))),
  stack('Geneve', 1, 4, inUdp(6081, join(hex('00006558 00002a00'), inner))),
  stack(
    'Geneve with options, IPv6',
    1,
    6,
    inUdp(6081, join(hex('0240 86dd 00002a00'), hex('0001 01 01'), u32(5), v6)),
  ),
  stack('GTP-U', 1, 4, inUdp(2152, join(hex('30 ff'), u16(v4.length), u32(7), v4))),
  stack(
    'GTP-U with sequence number',
    1,
    6,
    inUdp(2152, join(hex('32 ff'), u16(4 + v6.length), u32(7), hex('0001 00 00'), v6)),
  ),
  stack(
    'GTP-U without extension headers, whatever their field says',
    1,
    4,
    inUdp(2152, join(hex('32 ff'), u16(4 + v4.length), u32(7), hex('0001 00 85'), v4)),
  ),
  stack(
    'GTP-U with two extension headers',
    1,
    4,
    inUdp(
      2152,
      join(
        hex('34 ff'),
        u16(16 + v4.length),
        u32(7),
        hex('0000 00 85'),
        hex('01 1000 c0'),
        hex('02 000000 000000 00'),
        v4,
      ),
    ),
  ),
  stack(
    'GTP-U in IPv6',
    1,
    4,
    ethernet(IPV6, ipv6({ next: 17 }, udp(2152, join(hex('30 ff'), u16(v4.length), u32(7), v4)))),
  ),
  stack(
    'VXLAN in VLAN, then VLAN and 6in4',
    1,
    6,
    ethernet(
      0x8100,
      vlan(
        7,
        IPV4,
        ipv4(
          { protocol: 17 },
          udp(
            4789,
            join(hex('08000000 00002a00'), ethernet(0x8100, vlan(8, IPV4, ipv4({ protocol: 41 }, v6)))),
          ),
        ),
      ),
    ),
  ),
];

export const STACKS: Stack[] = [...LINKS, ...WIFI, ...LOGS, ...SHIMS, ...EXTENSIONS, ...TUNNELS];
