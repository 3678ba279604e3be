import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeFrame } from '../../src/decode/decode.ts';
import { newSegment, type Segment } from '../../src/decode/segment.ts';
import { SEGMENT, type Verdict } from '../../src/decode/verdict.ts';
import { frameOf, hex, ipv4, ipv6, join, tcp, zeros } from './build.ts';

const LINK_ETHERNET = 1;
const LINK_LINUX_SLL = 113;
const ADDRESSES = zeros(12);
const SLL_FIELDS = zeros(14);

const octet = fc.nat({ max: 255 });
const options = fc.constantFrom('', '01 01 08 0a 00000001 80000000', '02 04 05b4 04 02 01 03 03 07');

/** EtherType and packet, often one of the usual kind, some of its bytes changed, its end cut off. */
const packet = fc
  .record({
    six: fc.boolean(),
    options,
    payload: fc.nat({ max: 40 }),
    padding: fc.nat({ max: 6 }),
    cut: fc.oneof(fc.constant(0), fc.nat({ max: 60 })),
    hits: fc.array(fc.tuple(fc.nat({ max: 90 }), octet), { maxLength: 3 }),
  })
  .map(({ six, options, payload, padding, cut, hits }) => {
    const inner = tcp({ options: hex(options) }, zeros(payload));
    const whole = join(hex(six ? '86dd' : '0800'), six ? ipv6({}, inner) : ipv4({}, inner), zeros(padding));
    const bytes = whole.slice(0, whole.length - cut);
    for (const [at, byte] of hits) if (at < bytes.length) bytes[at] = byte;
    return bytes;
  });

/** What is made of a packet in a link-layer header that ends in its EtherType. */
function decodeIn(linkType: number, header: Uint8Array, bytes: Uint8Array): [Verdict, Segment | undefined] {
  const segment = newSegment();
  const verdict = decodeFrame(frameOf(join(header, bytes), { linkType, around: 100, filler: 6 }), segment);
  return [verdict, verdict === SEGMENT ? segment : undefined];
}

it('property: usual frames are decoded as header by header, which all other link types are', () => {
  let usual = 0;
  fc.assert(
    fc.property(packet, (bytes) => {
      const [verdict, segment] = decodeIn(LINK_ETHERNET, ADDRESSES, bytes);
      expect([verdict, segment]).toEqual(decodeIn(LINK_LINUX_SLL, SLL_FIELDS, bytes));
      if (verdict === SEGMENT) usual++;
    }),
    { numRuns: 3000 },
  );
  expect(usual).toBeGreaterThan(1000);
});
