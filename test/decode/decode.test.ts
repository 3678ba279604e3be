import { describe, expect, it } from 'vitest';
import { LINK_TYPES } from '../../src/capture/base/link-types.ts';
import { decodeFrame } from '../../src/decode/decode.ts';
import { newSegment, SYN } from '../../src/decode/segment.ts';
import { ethernet, frameOf, hex, ipv4, ipv6, join, tcp } from './build.ts';
import { decoded } from './decoded.ts';
import { LINKS, LOGS } from './link-stacks.ts';
import { INNER, PAYLOAD } from './stack.ts';
import { EXTENSIONS, SHIMS, STACKS } from './stacks.ts';
import { TUNNELS } from './tunnel-stacks.ts';
import { WIFI } from './wifi-stacks.ts';

const IPV4 = 0x0800;
const IPV6 = 0x86dd;

describe.each([
  ['link types', LINKS],
  ['Wi-Fi', WIFI],
  ['NFLOG and InfiniBand', LOGS],
  ['tags and shims', SHIMS],
  ['IPv6 extension headers', EXTENSIONS],
  ['tunnels', TUNNELS],
])('case 34: %s', (_, stacks) => {
  it.each(stacks)('$name', ({ bytes, linkType, version }) => {
    const [word, segment] = decoded(bytes, {
      linkType,
      around: 100,
      timeUs: 1_700_000_000_123_456,
      number: 7,
    });
    expect(word).toBe('segment');
    expect(segment).toEqual({
      ...newSegment(),
      timeUs: 1_700_000_000_123_456,
      frame: 7,
      ...INNER,
      payloadLength: PAYLOAD.length,
      firstByte: PAYLOAD[0],
      hasTimestamps: true,
      tsVal: 5,
      tsEcr: 0xffffffff,
      optionLayout: (1 * 32 + 1) * 32 + 8,
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

it('every link type has a stack, and no stack is of another', () => {
  const numbers = LINK_TYPES.map(({ number }) => number);
  expect(new Set(STACKS.map(({ linkType }) => linkType))).toEqual(new Set(numbers));
  expect(new Set(numbers).size).toBe(numbers.length);
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
    const [word, segment] = decoded(
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
