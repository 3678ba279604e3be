import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../../src/decode/address.ts';
import { decodeFrame, quotingError, skippedNumber } from '../../../src/decode/decode.ts';
import { newSegment } from '../../../src/decode/segment.ts';
import { NOT_TCP, SEGMENT } from '../../../src/decode/verdict.ts';
import { ethernet, frameOf, hex, icmp, ipv4, join, vlan } from '../build.ts';
import { INNER, inner, V4, V6, v4 } from '../stack.ts';
import { ERROR_FRAMES, inIcmp, OTHER_ICMP, ROUTER } from './errors.ts';

const IPV4 = 0x0800;

/** What a frame makes of itself: its verdict, and what it quotes. */
function quoted(bytes: Uint8Array) {
  const segment = newSegment();
  const verdict = decodeFrame(frameOf(bytes, { around: 60, filler: 6 }), segment);
  const error = quotingError();
  if (error === undefined) return { verdict };
  const { type, code, from0, from1, from2, from3 } = error;
  const { src0, src1, src2, src3, dst0, dst1, dst2, dst3, srcPort, dstPort, seq, flags, payloadLength } =
    segment;
  return {
    verdict,
    type,
    code,
    from: formatAddress(from0, from1, from2, from3),
    src: formatAddress(src0, src1, src2, src3),
    dst: formatAddress(dst0, dst1, dst2, dst3),
    ...{ srcPort, dstPort, seq, flags, payloadLength },
  };
}

describe('an ICMP error is skipped, and tells which segment it quotes', () => {
  it.each(ERROR_FRAMES)('$name', ({ bytes, version, type, code }) => {
    const { srcPort, dstPort, seq } = INNER;
    expect(quoted(bytes)).toEqual({
      verdict: NOT_TCP,
      type,
      code,
      from: version === 4 ? ROUTER.v4 : ROUTER.v6,
      ...(version === 4 ? V4 : V6),
      ...{ srcPort, dstPort, seq, flags: 0, payloadLength: 0 },
    });
    expect(skippedNumber()).toBe(version === 4 ? 1 : 58);
  });
});

describe('what quotes no segment is skipped, and that is all', () => {
  it.each(OTHER_ICMP)('%s', (_, bytes) => {
    expect(quoted(bytes)).toEqual({ verdict: NOT_TCP });
    expect([1, 58]).toContain(skippedNumber());
  });

  it('nor does a frame after an error quote one', () => {
    expect(quoted(inIcmp(icmp(3, 13, v4)))).toHaveProperty('type', 3);
    expect(quoted(ethernet(IPV4, ipv4({ protocol: 132 }, v4)))).toEqual({ verdict: NOT_TCP });
  });
});

it('a snap length leaves out the quote, or changes nothing', () => {
  for (const { bytes, name } of ERROR_FRAMES) {
    const whole = quoted(bytes);
    for (let snap = 0; snap < bytes.length; snap++) {
      const cut = quoted(bytes.subarray(0, snap));
      if ('type' in cut) expect(cut, `${name}, ${snap} bytes`).toEqual(whole);
    }
  }
});

it('the deepest ICMP that is one today is one with its quote as well', () => {
  const message = ipv4({ protocol: 1 }, icmp(3, 1, v4));
  for (let tags = 10; tags < 15; tags++) {
    let bytes = vlan(1, IPV4, message);
    for (let n = 1; n < tags; n++) bytes = vlan(1, 0x8100, bytes);
    expect(quoted(ethernet(0x8100, bytes)).verdict, `${tags} tags`).toBe(NOT_TCP);
  }
});

it('a segment after an error is decoded as ever', () => {
  quoted(inIcmp(icmp(3, 13, v4)));
  const segment = newSegment();
  // Not the usual frame: a tag before it, so that it is passed header by header.
  const tagged = join(inner.subarray(0, 12), hex('8100 0007'), inner.subarray(12));
  expect(decodeFrame(frameOf(tagged), segment)).toBe(SEGMENT);
  expect(segment).toMatchObject(INNER);
});
