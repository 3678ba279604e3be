import { describe, expect, it } from 'vitest';
import { ethernet, hex, ipv4, ipv6, join, tcp, u32, udp, vlan, zeros } from './build.ts';
import { decoded, type FrameFields } from './decoded.ts';

const IPV4 = 0x0800;
const IPV6 = 0x86dd;

/** An IEEE 802.11 header in hex: frame control and sequence control as given. */
const wlan = (control: string, sequence = '1000') =>
  hex(`${control} 2c00 020000000001 020000000002 020000000003 ${sequence}`);

const verdictOn = (bytes: Uint8Array, fields: FrameFields = {}) => decoded(bytes, fields)[0];

describe('verdicts', () => {
  const inIpv4 = (protocol: number, payload: Uint8Array) => ethernet(IPV4, ipv4({ protocol }, payload));
  const inUdp = (port: number, payload: Uint8Array) => inIpv4(17, udp(port, payload));
  const frame = ethernet(IPV4, ipv4({}, tcp()));
  const inner = ethernet(IPV4, ipv4({}, tcp()));
  const snap = hex('aaaa03 000000 0800');
  const wlanData = join(wlan('0801'), snap, ipv4({}, tcp()));
  const wired = { wireLength: 1514 };
  const nest = (depth: number, wrap: (payload: Uint8Array) => Uint8Array, start: Uint8Array) =>
    Array.from({ length: depth }).reduce<Uint8Array>(wrap, start);

  it.each<[string, string, Uint8Array, FrameFields?]>([
    ['not-ip', 'ARP', ethernet(0x0806, zeros(28))],
    ['not-ip', 'LLC that is not SNAP: spanning tree', ethernet(38, hex('42 42 03 00 00 00 00 00 00'))],
    [
      'not-ip',
      'LLC that is not SNAP, whatever follows',
      ethernet(38, join(hex('42 42 03 00 00 00 08 00'), ipv4({}, tcp()))),
    ],
    ['not-ip', 'SNAP with an OUI: Cisco discovery', ethernet(38, hex('aa aa 03 00 00 0c 20 00 00'))],
    ['not-ip', 'SNAP with a length for a type', ethernet(38, hex('aa aa 03 00 00 00 00 00 00'))],
    ['not-ip', 'a type of 0 in LINUX_SLL', join(zeros(16), ipv4({}, tcp())), { linkType: 113 }],
    ['not-ip', 'NULL, another family', join(u32(7), ipv4({}, tcp())), { linkType: 0 }],
    ['not-ip', 'PPP, link control', hex('c0 21 01 01 00 04'), { linkType: 9 }],
    [
      'not-ip',
      'PPPoE discovery code in a session',
      ethernet(0x8864, join(hex('11 a7 0001 0016 0021'), ipv4({}, tcp()))),
    ],
    ['not-ip', 'MPLS with another control word', ethernet(0x8847, join(hex('000101ff 10000000'), inner))],
    [
      'not-ip',
      'MPLS pseudowire with something else inside',
      ethernet(0x8847, join(hex('000101ff 00000000'), ethernet(0x88cc, zeros(40)))),
    ],
    [
      'not-ip',
      'MPLS pseudowire with IPv4 of another version',
      ethernet(0x8847, join(hex('000101ff 00000000'), ethernet(IPV4, ipv6({}, tcp())))),
    ],
    [
      'not-ip',
      'MPLS pseudowire with IPv6 of another version',
      ethernet(0x8847, join(hex('000101ff 00000000'), ethernet(IPV6, ipv4({}, tcp())))),
    ],
    ['not-ip', 'ARP in VXLAN', inUdp(4789, join(hex('08000000 00002a00'), ethernet(0x0806, zeros(28))))],

    ['not-tcp', 'UDP', inUdp(53, zeros(40))],
    [
      'not-tcp',
      'ICMP that quotes a TCP header',
      inIpv4(1, join(hex('03 01 0000 00000000'), ipv4({}, tcp()))),
    ],
    ['not-tcp', 'ESP', ethernet(IPV6, ipv6({ next: 50 }, zeros(40)))],
    ['not-tcp', 'IPv6 without next header', ethernet(IPV6, ipv6({ next: 59 }, zeros(0)))],
    ['not-tcp', 'GRE, version 2', inIpv4(47, join(hex('0002 0800'), ipv4({}, tcp())))],
    ['not-tcp', 'GRE with source routes', inIpv4(47, join(hex('4000 0800 00000000'), ipv4({}, tcp())))],
    [
      'not-tcp',
      'GRE with a protocol that would be a verdict',
      inIpv4(47, join(hex('0000 0000'), ipv4({}, tcp()))),
    ],
    ['not-tcp', 'GRE before the numbers of Aruba', inIpv4(47, join(hex('0000 81f0'), wlanData))],
    ['not-tcp', 'GRE beyond the numbers of Aruba', inIpv4(47, join(hex('0000 8380'), wlanData))],
    ['not-tcp', 'GRE between the numbers of Aruba', inIpv4(47, join(hex('0000 8208'), wlanData))],
    ['not-tcp', 'CAPWAP with DTLS', inUdp(5247, join(hex('01 10 02 00 00000000'), inner))],
    ['not-tcp', 'CAPWAP, a header of one word', inUdp(5247, join(hex('00 08 02 00 00000000'), inner))],
    ['not-tcp', 'CAPWAP, keep-alive', inUdp(5247, join(hex('00 10 02 08 00000000'), inner))],
    ['not-tcp', 'CAPWAP, another radio', inUdp(5247, join(hex('00 10 07 00 00000000'), wlanData))],
    ['not-tcp', 'CAPWAP, nothing in it', inUdp(5247, hex('00 10 03 00 00000000'))],
    ['not-ip', 'CAPWAP, beacon', inUdp(5247, join(hex('00 10 03 00 00000000'), wlan('0080'), zeros(60)))],
    ['encrypted', 'CAPWAP', inUdp(5247, join(hex('00 10 03 00 00000000'), wlan('4108'), zeros(60)))],
    ['later-fragment', 'CAPWAP', inUdp(5247, join(hex('00 10 02 80 00070008'), inner))],
    ['not-tcp', 'WCCP, neither version', inIpv4(47, join(hex('0000 883e'), zeros(40)))],
    [
      'not-tcp',
      'authentication headers without end',
      ethernet(
        IPV4,
        ipv4(
          { protocol: 51 },
          nest(40, (p) => join(hex('33 01 0000'), zeros(8), p), tcp()),
        ),
      ),
    ],
    [
      'not-tcp',
      'ERSPAN type III, not Ethernet',
      inIpv4(47, join(hex('1000 22eb 00000001 2001 0000'), zeros(6), hex('0800'), inner)),
    ],
    ['not-tcp', 'VXLAN port without the I bit', inUdp(4789, join(zeros(8), inner))],
    ['not-tcp', 'VXLAN port with another bit', inUdp(4789, join(hex('01000000 00002a00'), inner))],
    ['not-tcp', 'VXLAN-GPE without the P bit', inUdp(4790, join(hex('08000003 00002a00'), inner))],
    ['not-tcp', 'VXLAN-GPE, version 1', inUdp(4790, join(hex('1c000003 00002a00'), inner))],
    ['not-tcp', 'VXLAN-GPE, a service header inside', inUdp(4790, join(hex('0c000004 00002a00'), inner))],
    ['not-tcp', 'ERSPAN in GRE, version 1', inIpv4(47, join(hex('0001 88be'), inner))],
    ['not-tcp', 'VXLAN on another port', inUdp(4791, join(hex('08000000 00002a00'), inner))],
    ['not-tcp', 'Geneve port, version 1', inUdp(6081, join(hex('40006558 00002a00'), inner))],
    ['not-tcp', 'Geneve port, reserved bits set', inUdp(6081, join(hex('00016558 00002a00'), inner))],
    ['not-tcp', 'Geneve port, unknown protocol', inUdp(6081, join(hex('00001234 00002a00'), inner))],
    [
      'not-tcp',
      'GTP-U echo request',
      inUdp(2152, join(hex('32 01 0004 00000000 0001 00 00'), ipv4({}, tcp()))),
    ],
    ['not-tcp', 'GTP prime', inUdp(2152, join(hex('20 ff 0028 00000000'), ipv4({}, tcp())))],
    [
      'not-tcp',
      'GTP-U with an extension of length 0',
      inUdp(2152, join(hex('34 ff 0028 00000000 0000 00 85 00'), zeros(40))),
    ],
    ['not-tcp', 'GTP-U with PPP inside', inUdp(2152, join(hex('30 ff 0028 00000000 ff03'), ipv4({}, tcp())))],

    ['later-fragment', 'IPv4', ethernet(IPV4, ipv4({ fragment: 0x2001 }, tcp()))],
    ['later-fragment', 'IPv4, the last', ethernet(IPV4, ipv4({ fragment: 0x00b9 }, zeros(3)))],
    ['later-fragment', 'IPv6', ethernet(IPV6, ipv6({ next: 44 }, join(hex('06 00 0008 00000009'), tcp())))],
    [
      'later-fragment',
      'a tunnel packet in fragments',
      ethernet(IPV4, ipv4({ protocol: 17, fragment: 0x00b9 }, udp(4789, inner))),
    ],

    ['truncated-header', 'cut in Ethernet', frame.subarray(0, 13), wired],
    ['truncated-header', 'cut in a tag', ethernet(0x8100, zeros(3)), wired],
    ['truncated-header', 'cut in IPv4', frame.subarray(0, 33), wired],
    [
      'truncated-header',
      'cut in IPv4 options',
      ethernet(IPV4, ipv4({ headerWords: 15, totalLength: 1500 }, zeros(30))),
      wired,
    ],
    ['truncated-header', 'cut in TCP', frame.subarray(0, 53), wired],
    ['truncated-header', 'sliced in TCP, the record hides it', frame.subarray(0, 53), {}],
    ['truncated-header', 'cut in IPv6', ethernet(IPV6, ipv6({}, tcp()).subarray(0, 39)), wired],
    [
      'truncated-header',
      'cut in an extension header',
      ethernet(IPV6, ipv6({ next: 60, payloadLength: 60 }, hex('06 00 00'))),
      wired,
    ],
    [
      'truncated-header',
      'cut behind an extension header',
      ethernet(IPV6, ipv6({ next: 60, payloadLength: 3000 }, hex('06 ff 00 00 00 00 00 00'))),
      { wireLength: 3054 },
    ],
    [
      'truncated-header',
      'cut in an authentication header',
      ethernet(IPV4, ipv4({ protocol: 51, totalLength: 100 }, hex('06 04 0000'))),
      wired,
    ],
    [
      'bad-length',
      'an authentication header longer than the packet',
      ethernet(IPV4, ipv4({ protocol: 51 }, join(hex('06 ff 0000'), zeros(8), tcp()))),
    ],
    ['truncated-header', 'cut in labels', ethernet(0x8847, hex('0001 00ff 00')), wired],
    [
      'truncated-header',
      'cut before the loopback family ends',
      hex('02 00 00'),
      { linkType: 0, wireLength: 60 },
    ],
    ['truncated-header', 'nothing captured, raw', zeros(0), { linkType: 101, wireLength: 60 }],

    ['bad-ip-version', 'IPv4 announced', ethernet(IPV4, ipv4({ version: 5 }, tcp()))],
    ['bad-ip-version', 'IPv6 announced', ethernet(IPV6, ipv6({ version: 4 }, tcp()))],
    ['bad-ip-version', 'raw', ipv4({ version: 0 }, tcp()), { linkType: 101 }],
    ['bad-header-length', 'IHL of 4 words', ethernet(IPV4, ipv4({ headerWords: 4 }, tcp()))],
    ['bad-header-length', 'data offset of 4 words', ethernet(IPV4, ipv4({}, tcp({ headerWords: 4 })))],

    ['bad-length', 'a frame shorter than Ethernet', zeros(13)],
    ['bad-length', 'total length within the IPv4 header', ethernet(IPV4, ipv4({ totalLength: 19 }, tcp()))],
    ['bad-length', 'total length ends inside TCP', ethernet(IPV4, ipv4({ totalLength: 39 }, tcp()))],
    [
      'bad-length',
      'total length ends inside TCP options',
      ethernet(IPV4, ipv4({ totalLength: 41 }, tcp({ options: hex('02 04 05b4') }))),
    ],
    [
      'bad-length',
      'payload length ends inside an extension header',
      ethernet(IPV6, ipv6({ next: 60, payloadLength: 7 }, join(hex('06 00 0104 00000000'), tcp()))),
    ],
    [
      'bad-length',
      'an extension header longer than the packet',
      ethernet(IPV6, ipv6({ next: 60 }, join(hex('06 ff 0104 00000000'), tcp()))),
    ],

    [
      'too-deep',
      'VLAN tags without end',
      ethernet(
        0x8100,
        nest(40, (p) => vlan(1, 0x8100, p), vlan(1, IPV4, ipv4({}, tcp()))),
      ),
    ],
    [
      'too-deep',
      'IP in IP without end',
      ethernet(
        IPV4,
        nest(40, (p) => ipv4({ protocol: 4 }, p), ipv4({}, tcp())),
      ),
    ],
    [
      'too-deep',
      'extension headers without end',
      ethernet(
        IPV6,
        ipv6(
          { next: 60 },
          nest(40, (p) => join(hex('3c 00 0104 00000000'), p), tcp()),
        ),
      ),
    ],
    ['encrypted', 'Wi-Fi in GRE', inIpv4(47, join(hex('0000 8200'), wlan('8841'), zeros(60)))],
    ['unknown-link', 'FDDI', frame, { linkType: 10 }],
    ['unknown-link', 'beyond all link types', frame, { linkType: 0xffffffff }],
  ])('%s: %s', (expected, _, bytes, fields) => {
    expect(verdictOn(bytes, { around: 50, ...fields })).toBe(expected);
  });

  it('is too deep only beyond fifteen headers before TCP', () => {
    const tags = (n: number) =>
      ethernet(
        0x8100,
        nest(n - 1, (p) => vlan(1, 0x8100, p), vlan(1, IPV4, ipv4({}, tcp()))),
      );
    expect(verdictOn(tags(13))).toBe('segment');
    expect(verdictOn(tags(14))).toBe('segment');
    expect(verdictOn(tags(15))).toBe('too-deep');
  });
});
