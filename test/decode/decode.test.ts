import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../src/decode/decode.ts';
import { newSegment, type Segment, SYN } from '../../src/decode/segment.ts';
import { VERDICTS } from '../../src/decode/verdict.ts';
import {
  ethernet,
  frameOf,
  hex,
  type Ipv4,
  type Ipv6,
  ipv4,
  ipv6,
  join,
  tcp,
  u32,
  udp,
  vlan,
  zeros,
} from './build.ts';
import { EXTENSIONS, INNER, LINKS, PAYLOAD_LENGTH, SHIMS, TUNNELS } from './stacks.ts';

const IPV4 = 0x0800;
const IPV6 = 0x86dd;

type FrameFields = Parameters<typeof frameOf>[1];

function decode(bytes: Uint8Array, fields: FrameFields = {}): [word: string | undefined, segment: Segment] {
  const segment = newSegment();
  return [VERDICTS[decodeFrame(frameOf(bytes, fields), segment)], segment];
}

const verdictOn = (bytes: Uint8Array, fields: FrameFields = {}) => decode(bytes, fields)[0];

function payloadLength(bytes: Uint8Array, fields: FrameFields = {}): number | string | undefined {
  const [word, segment] = decode(bytes, fields);
  return word === 'segment' ? segment.payloadLength : word;
}

describe.each([
  ['link types', LINKS],
  ['tags and shims', SHIMS],
  ['IPv6 extension headers', EXTENSIONS],
  ['tunnels', TUNNELS],
])('%s', (_, stacks) => {
  it.each(stacks)('$name', ({ bytes, linkType, version }) => {
    const [word, segment] = decode(bytes, { linkType, around: 100 });
    expect(word).toBe('segment');
    expect(segment).toEqual({
      ...newSegment(),
      ...INNER,
      payloadLength: PAYLOAD_LENGTH,
      hasTimestamps: true,
      tsVal: 5,
      tsEcr: 0xffffffff,
      optionOrder: (1 * 32 + 1) * 32 + 8,
      ttl: 63,
      ...(version === 4
        ? { ipVersion: 4, ipId: 0x1234, src2: 0xffff, src3: 0xc0000201, dst2: 0xffff, dst3: 0xc6336402 }
        : {
            ipVersion: 6,
            src0: 0x20010db8,
            src1: 0x11112222,
            src2: 0x33334444,
            src3: 0x55556666,
            dst0: 0x20010db9,
            dst1: 0x07770888,
            dst2: 0x09990aaa,
            dst3: 0x0bbb0ccc,
          }),
    });
  });
});

describe('payload length', () => {
  const v4 = (fields: Ipv4, payload = 3) => ethernet(IPV4, ipv4(fields, tcp({}, zeros(payload))));
  const v6 = (fields: Ipv6, payload = 3) => ethernet(IPV6, ipv6(fields, tcp({}, zeros(payload))));
  const mss = tcp({ options: hex('02 04 05b4') }, zeros(9));

  it.each<[string, number, Uint8Array, FrameFields?]>([
    ['what IPv4 says', 3, v4({})],
    ['what IPv6 says', 3, v6({})],
    ['behind IPv4 and TCP options', 9, ethernet(IPV4, ipv4({ options: hex('94 04 00 00') }, mss))],
    ['without Ethernet padding', 0, join(v4({}, 0), zeros(6))],
    ['without Ethernet padding, IPv6', 0, join(v6({}, 0), zeros(6))],
    [
      'without padding inside a tunnel',
      0,
      ethernet(IPV4, ipv4({ protocol: 4 }, join(ipv4({}, tcp()), zeros(6)))),
    ],
    [
      'of the whole packet where the snap length kept only headers',
      1460,
      v4({ totalLength: 1500 }, 0),
      { wireLength: 1514 },
    ],
    ['of the whole packet where it was sliced and the record hides it', 1460, v4({ totalLength: 1500 }, 0)],
    [
      'offload: total length 0 counts the frame',
      64_000,
      v4({ totalLength: 0 }, 0),
      { wireLength: 54 + 64_000 },
    ],
    [
      'offload: IPv6 payload length 0 counts the frame',
      300_000,
      v6({ payloadLength: 0 }, 0),
      { wireLength: 74 + 300_000 },
    ],
    [
      'jumbogram',
      70_000,
      ethernet(IPV6, ipv6({ next: 0, payloadLength: 0 }, join(hex('06 00 c2 04 00011190'), tcp()))),
      { wireLength: 82 + 70_000 },
    ],
    [
      'offload with a record that claims less than was captured',
      3,
      v4({ totalLength: 0 }),
      { wireLength: 0 },
    ],
    [
      'offload with a record that claims gigabytes',
      (1 << 20) - 54,
      v4({ totalLength: 0 }),
      { wireLength: 0xffffffff },
    ],
    ['of a first fragment alone', 3, v4({ fragment: 0x2000 })],
    ['with "do not fragment"', 3, v4({ fragment: 0x4000 })],
  ])('%s', (_, expected, bytes, fields) => {
    expect(payloadLength(bytes, fields)).toBe(expected);
  });
});

describe('verdicts', () => {
  const inIpv4 = (protocol: number, payload: Uint8Array) => ethernet(IPV4, ipv4({ protocol }, payload));
  const inUdp = (port: number, payload: Uint8Array) => inIpv4(17, udp(port, payload));
  const frame = ethernet(IPV4, ipv4({}, tcp()));
  const inner = ethernet(IPV4, ipv4({}, tcp()));
  const wired = { wireLength: 1514 };
  const nest = (depth: number, wrap: (payload: Uint8Array) => Uint8Array, start: Uint8Array) =>
    Array.from({ length: depth }).reduce<Uint8Array>(wrap, start);

  it.each<[string, string, Uint8Array, FrameFields?]>([
    ['not-ip', 'ARP', ethernet(0x0806, zeros(28))],
    ['not-ip', 'LLC that is not SNAP: spanning tree', ethernet(38, hex('42 42 03 00 00 00 00 00 00'))],
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
    [
      'not-tcp',
      'ERSPAN type III, not Ethernet',
      inIpv4(47, join(hex('1000 22eb 00000001 2001 0000'), zeros(6), hex('0800'), inner)),
    ],
    ['not-tcp', 'VXLAN port without the I bit', inUdp(4789, join(zeros(8), inner))],
    ['not-tcp', 'VXLAN on another port', inUdp(4790, join(hex('08000000 00002a00'), inner))],
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
    ['unknown-link', 'IEEE 802.11', frame, { linkType: 105 }],
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

describe('the segment', () => {
  it('is overwritten as a whole: nothing of the last one is left', () => {
    const rich = tcp({ flags: SYN, options: hex('02 04 05b4 04 02 08 0a 00000001 00000002 01 03 03 07') });
    const plain = frameOf(ethernet(IPV4, ipv4({}, tcp())));
    const reused = newSegment();
    decodeFrame(frameOf(ethernet(IPV6, ipv6({}, rich))), reused);
    decodeFrame(plain, reused);
    const fresh = newSegment();
    decodeFrame(plain, fresh);
    expect(reused).toEqual(fresh);
  });

  it('is the innermost one of a tunnel, with the addresses of the innermost header', () => {
    const [word, segment] = decode(
      ethernet(
        IPV4,
        ipv4(
          { protocol: 47, src: '10.9.9.1', ttl: 255 },
          join(hex('0000 0800'), ipv4({ src: '10.1.1.1', ttl: 9 }, tcp())),
        ),
      ),
    );
    expect([word, segment.src3, segment.ttl]).toEqual(['segment', 0x0a010101, 9]);
  });
});
