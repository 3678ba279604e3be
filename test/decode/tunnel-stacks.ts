// IP in IP, and everything that carries IP or Ethernet over IP.
import { ethernet, hex, ipv4, ipv6, join, u16, u32, udp, vlan, zeros } from './build.ts';
import { bottom, IPV4, IPV6, inIpv4, inner, type Stack, segment, stack, V4, v4, v6 } from './stack.ts';
import { data, qosData } from './wifi-stacks.ts';

const inUdp = (port: number, payload: Uint8Array) => inIpv4(17, udp(port, payload));

const fromUdp = (port: number, payload: Uint8Array) =>
  inIpv4(17, join(u16(port), u16(50_000), u16(8 + payload.length), u16(0), payload));
/** The two octets of frame control in the other order. */
const swapped = (frame: Uint8Array) => join(frame[1]!, frame[0]!, frame.subarray(2));

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
  stack('CAPWAP, 802.3', 1, 4, inUdp(5247, join(hex('00 10 02 00 00000000'), inner))),
  stack('CAPWAP, IEEE 802.11', 1, 4, inUdp(5247, join(hex('00 10 03 00 00000000'), qosData))),
  stack(
    'CAPWAP, frame control swapped',
    1,
    4,
    inUdp(5247, join(hex('00 10 03 00 00000000'), swapped(qosData))),
  ),
  stack(
    'CAPWAP from the controller, radio and wireless information, first fragment',
    1,
    4,
    fromUdp(
      5247,
      join(hex('00 30 03 b0 00070000'), hex('06020000000001 00'), hex('04 00000000 000000'), swapped(data)),
    ),
  ),
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
