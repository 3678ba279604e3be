import { describe, expect, it } from 'vitest';
import { ethernet, hex, type Ipv4, type Ipv6, ipv4, ipv6, join, tcp, zeros } from './build.ts';
import { decoded, type FrameFields } from './decoded.ts';

const IPV4 = 0x0800;
const IPV6 = 0x86dd;

function payloadLength(bytes: Uint8Array, fields: FrameFields = {}): number | string | undefined {
  const [word, segment] = decoded(bytes, fields);
  return word === 'segment' ? segment.payloadLength : word;
}

describe('the first byte of the payload', () => {
  const bytes = ethernet(IPV4, ipv4({}, tcp({}, hex('15 03 03'))));

  it.each<[string, number, Uint8Array, FrameFields?]>([
    ['captured', 21, bytes],
    ['captured alone', 21, bytes.subarray(0, -2), { wireLength: bytes.length }],
    ['cut', -1, bytes.subarray(0, -3), { wireLength: bytes.length }],
    ['padding is none', -1, join(ethernet(IPV4, ipv4({}, tcp())), hex('15 03 03'))],
  ])('%s', (_, byte, frame, fields) => {
    expect(decoded(frame, fields ?? {})[1]?.firstByte).toBe(byte);
  });
});

describe('case 32: payload length', () => {
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
