import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../../src/decode/decode.ts';
import { newSegment } from '../../../src/decode/segment.ts';
import { SEGMENT } from '../../../src/decode/verdict.ts';
import { laneOf } from '../../../src/flow/table/lane-of.ts';
import { ethernet, frameOf, ipv4, ipv6, tcp, zeros } from '../../decode/build.ts';

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const port = fc.nat({ max: 65_535 });
const octet = fc.nat({ max: 255 });

/** A plain frame of IPv4 or IPv6, its ends drawn. */
const plain = fc
  .record({
    six: fc.boolean(),
    srcPort: port,
    dstPort: port,
    src: octet,
    dst: octet,
    payload: fc.nat({ max: 40 }),
  })
  .map(({ six, srcPort, dstPort, src, dst, payload }) => {
    const segment = tcp({ srcPort, dstPort }, zeros(payload));
    return six
      ? ethernet(
          IPV6,
          ipv6({ src: `2001:db8::${src.toString(16)}`, dst: `2001:db8:1::${dst.toString(16)}` }, segment),
        )
      : ethernet(IPV4, ipv4({ src: `10.0.0.${src}`, dst: `10.1.0.${dst}` }, segment));
  });

describe('the lane of a segment', () => {
  it('property: is that of the answer', () => {
    fc.assert(
      fc.property(plain, fc.constantFrom(2, 4), (bytes, lanes) => {
        const segment = newSegment();
        expect(decodeFrame(frameOf(bytes), segment)).toBe(SEGMENT);
        const lane = laneOf(segment, lanes);
        const { src0, src1, src2, src3, srcPort, dst0, dst1, dst2, dst3, dstPort } = segment;
        const answer = { ...segment, src0: dst0, src1: dst1, src2: dst2, src3: dst3, srcPort: dstPort };
        Object.assign(answer, { dst0: src0, dst1: src1, dst2: src2, dst3: src3, dstPort: srcPort });
        expect(laneOf(answer, lanes)).toBe(lane);
      }),
    );
  });

  it('is about evenly spread over the clients of one server', () => {
    const count = [0, 0];
    for (let client = 0; client < 1000; client++) {
      const segment = {
        ...newSegment(),
        src3: 0x0a000001,
        dst3: 0x0a000002,
        srcPort: 32_768 + client,
        dstPort: 443,
      };
      count[laneOf(segment, 2)]!++;
    }
    expect(Math.min(...count)).toBeGreaterThan(400);
  });
});
