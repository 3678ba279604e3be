import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, quotingError } from '../../src/decode/decode.ts';
import { newSegment, type Segment } from '../../src/decode/segment.ts';
import {
  BAD_LENGTH,
  NOT_IP,
  NOT_TCP,
  SEGMENT,
  TRUNCATED_HEADER,
  VERDICTS,
} from '../../src/decode/verdict.ts';
import { frameOf, join, zeros } from './build.ts';
import { ERROR_FRAMES, OTHER_ICMP } from './icmp/errors.ts';
import type { Stack } from './stack.ts';
import { STACKS } from './stacks.ts';

interface Damaged {
  linkType: number;
  bytes: Uint8Array;
  wireLength: number;
}

const RUNS = { numRuns: 20_000 };

/** Least and most, where it is not 0 and the highest 32-bit number. */
const RANGES: Record<string, [least: number, most: number]> = {
  ipVersion: [4, 6],
  srcPort: [0, 0xffff],
  dstPort: [0, 0xffff],
  flags: [0, 0xff],
  window: [0, 0xffff],
  payloadLength: [0, 1 << 20],
  firstByte: [-1, 0xff],
  ttl: [0, 0xff],
  ipId: [0, 0xffff],
  mss: [0, 0xffff],
  windowScale: [-1, 14],
  sackBlocks: [0, 4],
  optionLayout: [0, 32 ** 6 - 1],
};

const anyLink = fc.oneof(
  fc.constantFrom(...new Set(STACKS.map((stack) => stack.linkType))),
  fc.integer({ min: 0, max: 0xffffffff }),
);
const wireLength = fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 0xffffffff }));

/** Bytes that mean nothing. */
const noise: fc.Arbitrary<Damaged> = fc.record({
  linkType: anyLink,
  bytes: fc.uint8Array({ maxLength: 200, size: 'max' }),
  wireLength,
});

/** Frames that carry no segment, but may quote one, on Ethernet. */
const ICMP_FRAMES = [...ERROR_FRAMES.map(({ bytes }) => bytes), ...OTHER_ICMP.map(([, bytes]) => bytes)];

/** A good frame, cut short, with some of its bytes set to anything: this gets deep. */
const damaged: fc.Arbitrary<Damaged> = fc
  .record({
    stack: fc.constantFrom<Pick<Stack, 'linkType' | 'bytes'>>(
      ...STACKS,
      ...ICMP_FRAMES.map((bytes) => ({ linkType: 1, bytes })),
    ),
    cut: fc.double({ min: 0, max: 1, noNaN: true }),
    hits: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
    wireLength,
  })
  .map(({ stack, cut, hits, wireLength }) => {
    const bytes = stack.bytes.slice(0, Math.ceil(stack.bytes.length * (cut < 0.5 ? 1 : cut)));
    for (const [at, byte] of hits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
    return { linkType: stack.linkType, bytes, wireLength };
  });

/** The verdict, and the segment where there is one, be it one that is quoted. */
function decode({ bytes, ...fields }: Damaged & { around?: number; filler?: number }): {
  verdict: number;
  segment: Segment | undefined;
} {
  const segment = newSegment();
  const verdict = decodeFrame(frameOf(bytes, fields), segment);
  const isFilled = verdict === SEGMENT || (verdict === NOT_TCP && quotingError() !== undefined);
  return { verdict, segment: isFilled ? segment : undefined };
}

/** The names of fields that hold what they never should. */
function outOfRange({ sackPermitted, hasTimestamps, isDsack, ...numbers }: Segment): string[] {
  return Object.entries(numbers)
    .filter(([name, value]) => {
      const [least, most] = RANGES[name] ?? [0, 0xffffffff];
      return !(Number.isInteger(value) && value >= least && value <= most);
    })
    .map(([name]) => name);
}

describe.each([
  ['noise', noise],
  ['damaged frames', damaged],
])('on %s', (_, frames) => {
  it('the answer is a verdict, and nothing outside the frame is read', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        // In a buffer of its own a read beyond either end would throw; in larger ones it would show.
        const alone = decode(frame);
        expect(VERDICTS[alone.verdict]).toBeDefined();
        expect(decode({ ...frame, around: 300, filler: 0x06 })).toEqual(alone);
        expect(decode({ ...frame, around: 300, filler: 0xff })).toEqual(alone);
      }),
      RUNS,
    );
  });

  it('every field of a segment is in range', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        const { segment } = decode(frame);
        return segment === undefined || outOfRange(segment).length === 0;
      }),
      RUNS,
    );
  });
});

describe('on good frames', () => {
  const withoutHidden = ({ hasTimestamps, tsVal, tsEcr, optionLayout, firstByte, ...rest }: Segment) => rest;
  const whole = ({ bytes, linkType }: Stack) => decode({ bytes, linkType, wireLength: bytes.length });

  it.each(STACKS)('a snap length changes nothing but what it hides: $name', (stack) => {
    const full = whole(stack).segment;
    for (let snap = 0; snap < stack.bytes.length; snap++) {
      const { verdict, segment } = decode({
        bytes: stack.bytes.subarray(0, snap),
        linkType: stack.linkType,
        wireLength: stack.bytes.length,
      });
      if (segment === undefined) {
        // A cut tunnel or LLC header cannot be told from something that is no tunnel and no IP.
        expect([TRUNCATED_HEADER, NOT_TCP, NOT_IP]).toContain(verdict);
      } else {
        expect(withoutHidden(segment)).toEqual(withoutHidden(full!));
        expect([-1, full!.firstByte]).toContain(segment.firstByte);
      }
    }
  });

  it.each(STACKS)('padding and a check sequence change nothing: $name', ({ bytes, linkType }) => {
    const padded = join(bytes, zeros(46), [1, 2, 3, 4]);
    expect(decode({ bytes: padded, linkType, wireLength: padded.length })).toEqual(
      decode({ bytes, linkType, wireLength: bytes.length }),
    );
  });

  it('an empty frame is too short for every link type', () => {
    for (const { linkType } of STACKS) {
      expect(decode({ bytes: zeros(0), linkType, wireLength: 0 }).verdict).toBe(BAD_LENGTH);
    }
  });
});
