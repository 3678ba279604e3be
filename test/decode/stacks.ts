// The same segment under everything that may carry it: one row per link type, tag, extension header and
// tunnel. The table tests read it, the property tests damage it.
import { ethernet, hex, ipv6, join, u16, u32, vlan, zeros } from './build.ts';
import { LINKS, LOGS } from './link-stacks.ts';
import { bottom, IPV4, IPV6, inner, label, type Stack, segment, stack, V6, v4, v6 } from './stack.ts';
import { TUNNELS } from './tunnel-stacks.ts';
import { WIFI } from './wifi-stacks.ts';

const v6With = (next: number, ...headers: Uint8Array[]) =>
  ipv6({ ...V6, hopLimit: 63, next }, join(...headers, segment));

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

export const STACKS: Stack[] = [...LINKS, ...WIFI, ...LOGS, ...SHIMS, ...EXTENSIONS, ...TUNNELS];
