import { readCapture } from '../../../src/capture/files/read.ts';
import { decodeFrame } from '../../../src/decode/decode.ts';
import { FIN, newSegment, RST, type Segment, SYN } from '../../../src/decode/segment.ts';
import { SEGMENT } from '../../../src/decode/verdict.ts';
import { pcap, type Record } from '../../capture/make.ts';

// Captures as people have them: begun amid traffic, with holes, or of a filter.

/** Whether a segment is left, of those numbered from 0 to `total` - 1. */
type Keeps = (segment: Segment, index: number, total: number) => boolean;

/** Ways to reduce a capture, by name. */
export const REDUCTIONS: readonly (readonly [name: string, keeps: Keeps])[] = [
  ['whole', () => true],
  ...[0.1, 0.25, 0.5, 0.75].map((share): [string, Keeps] => [
    `without its first ${share * 100} %`,
    (_, i, total) => i >= share * total,
  ]),
  ...[0.05, 0.2].flatMap((share) =>
    [1, 2, 3].map((seed): [string, Keeps] => [
      `thinned by ${share * 100} %, seed ${seed}`,
      (_, i) => noise(i, seed) >= share,
    ]),
  ),
  ['of SYN, FIN and RST only', ({ flags }) => (flags & (SYN | FIN | RST)) !== 0],
  ['of one direction', (segment) => isLow(segment)],
  ['of the other direction', (segment) => !isLow(segment)],
  ['of segments with data only', ({ payloadLength }) => payloadLength > 0],
];

/** What a reduction leaves of a capture, as a pcap file; its TCP segments alone. */
export async function reduced(path: string, keeps: Keeps): Promise<Buffer> {
  const segment = newSegment();
  const records: Record[] = [];
  const total = await eachSegment(path, segment, () => {});
  let network = 1;
  await eachSegment(path, segment, ({ bytes, start, end, timeUs, linkType, wireLength }, index) => {
    network = linkType;
    if (!keeps(segment, index, total)) return;
    records.push({
      seconds: Math.floor(timeUs / 1e6),
      fraction: timeUs % 1e6,
      bytes: Buffer.from(bytes.subarray(start, end)),
      wireLength,
    });
  });
  return pcap(records, { network, snapLength: 262_144 });
}

async function eachSegment(
  path: string,
  segment: Segment,
  take: (frame: Parameters<Parameters<typeof readCapture>[1]>[0], index: number) => void,
): Promise<number> {
  let index = 0;
  await readCapture(path, (frame) => {
    if (decodeFrame(frame, segment) === SEGMENT) take(frame, index++);
  });
  return index;
}

/** From 0 to 1, the same for each index in each run. */
function noise(index: number, seed: number): number {
  let h = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13), 0x27d4eb2f);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

/** Its source is the lower of the two ends' addresses, or ports where these are the same. */
function isLow(s: Segment): boolean {
  const pairs = [
    [s.src0, s.dst0],
    [s.src1, s.dst1],
    [s.src2, s.dst2],
    [s.src3, s.dst3],
    [s.srcPort, s.dstPort],
  ] as const;
  const [src, dst] = pairs.find(([a, b]) => a !== b) ?? [0, 0];
  return src < dst;
}
