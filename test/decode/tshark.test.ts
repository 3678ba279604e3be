// Every frame of the example captures, decoded here and by tshark. The frames of all files are put
// into one file a link type, so that tshark starts a few times, not hundreds.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Frame } from '../../src/capture/frame.ts';
import { readCapture } from '../../src/capture/read.ts';
import { formatAddress } from '../../src/decode/address.ts';
import { decodeFrame } from '../../src/decode/decode.ts';
import { newSegment, type Segment } from '../../src/decode/segment.ts';
import { SEGMENT, UNKNOWN_LINK } from '../../src/decode/verdict.ts';
import { frameOf } from './build.ts';
import { STACKS } from './stacks.ts';

const ROOT = join(import.meta.dirname, '../..');
const FIELDS = [
  'tcp.srcport',
  'tcp.dstport',
  'tcp.seq_raw',
  'tcp.ack_raw',
  'tcp.flags',
  'tcp.window_size_value',
  'tcp.options.mss_val',
  'tcp.options.wscale.shift',
  'tcp.options.sack.count',
  'tcp.options.timestamp.tsval',
  'tcp.options.timestamp.tsecr',
  'tcp.len',
];
const FLAGS = FIELDS.indexOf('tcp.flags');
const IP_FIELDS = ['ip.flags.mf', 'ip.src', 'ip.dst', 'ip.ttl', 'ipv6.src', 'ipv6.dst', 'ipv6.hlim'];
const OFF = ['ip.defragment', 'ipv6.defragment', 'tcp.desegment_tcp_streams', 'tcp.analyze_sequence_numbers'];

/** A segment as text, in the order of FIELDS, behind its addresses and TTL. */
function describeSegment(s: Segment): string {
  return [
    formatAddress(s.src0, s.src1, s.src2, s.src3),
    formatAddress(s.dst0, s.dst1, s.dst2, s.dst3),
    s.ttl,
    s.srcPort,
    s.dstPort,
    s.seq,
    s.ack,
    s.flags,
    s.window,
    s.mss || '',
    s.windowScale < 0 ? '' : s.windowScale,
    s.sackBlocks || '',
    s.hasTimestamps ? s.tsVal : '',
    s.hasTimestamps ? s.tsEcr : '',
    `${s.payloadLength}.`,
  ].join(' ');
}

/**
 * The innermost segment of a frame as tshark tells it, in the same form. Without its length, the last
 * word, where tshark has none or counts only the bytes in a fragment of a tunnel's packet.
 */
function describeLine(line: string): string | undefined {
  const [stack = '', moreFragments = '', ...columns] = line.split('\t');
  const protocols = `:${stack}:`;
  const [src, dst, ttl, src6, dst6, hopLimit, ...fields] = columns.map((column) => column.split(' ').at(-1)!);
  // An ICMP message quotes the header of a segment that it does not carry; IEEE 802.11 is not decoded.
  if (fields[0] === '' || /:(icmp|icmpv6|wlan):/.test(protocols)) return undefined;
  const isV6 = protocols.lastIndexOf(':ipv6:') > protocols.lastIndexOf(':ip:');
  const tcp = fields.map((value) => (value === '' ? '' : Number(value)));
  tcp[FLAGS] = Number(fields[FLAGS]) & 0xff;
  const length = tcp.pop();
  const known = length !== '' && !moreFragments.includes('1');
  return [...(isV6 ? [src6, dst6, hopLimit] : [src, dst, ttl]), ...tcp, known ? `${length}.` : ''].join(' ');
}

/** Frames of one link type from all files. */
interface Pile {
  records: Buffer[];
  /** Where each came from. */
  origins: string[];
  /** The fields as decodeFrame sees them, or undefined. */
  ours: (string | undefined)[];
}

const hasTshark = (() => {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

function capturesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(pcap|pcapng)(\.\w+)?$/.test(name))
    .map((name) => join(folder, name));
}

/** Puts a frame on the pile of its link type. */
function pileUp(piles: Map<number, Pile>, frame: Frame, origin: string): void {
  const { linkType, start, end, wireLength } = frame;
  const segment = newSegment();
  const verdict = decodeFrame(frame, segment);
  if (verdict === UNKNOWN_LINK) return;
  const pile = piles.get(linkType) ?? { records: [], origins: [], ours: [] };
  piles.set(linkType, pile);
  const record = Buffer.alloc(16 + end - start);
  record.writeUInt32LE(end - start, 8);
  record.writeUInt32LE(Math.max(wireLength, end - start), 12);
  record.set(frame.bytes.subarray(start, end), 16);
  pile.records.push(record);
  pile.origins.push(origin);
  pile.ours.push(verdict === SEGMENT ? describeSegment(segment) : undefined);
}

/** The same frames, by tshark. */
function askTshark(file: string, linkType: number, records: Buffer[]): (string | undefined)[] {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(linkType, 20);
  writeFileSync(file, Buffer.concat([header, ...records]));
  const output = execFileSync(
    'tshark',
    [
      ...['-n', '-r', file, '-T', 'fields', '-E', 'aggregator=/s'],
      ...OFF.flatMap((preference) => ['-o', `${preference}:FALSE`]),
      ...['frame.protocols', ...IP_FIELDS, ...FIELDS].flatMap((field) => ['-e', field]),
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  return output.split('\n').slice(0, -1).map(describeLine);
}

/** Stacks that tshark passes over by default, and FabricPath, from which it takes a check sequence. */
const UNLIKE_TSHARK = new Set([
  'VLAN 0x9200',
  'MPLS pseudowire with control word',
  'MPLS pseudowire, IPv6',
  'MPLS pseudowire, sequence number, VLAN',
  'FabricPath',
  'mobility',
  'HIP',
  'NULL, IPv6 as 10, little endian',
  'NULL, IPv6 as 10, big endian',
  'NULL, IPv6 as 23, little endian',
  'NULL, IPv6 as 23, big endian',
]);

const agree = (ours: string | undefined, theirs: string | undefined) =>
  ours === undefined || theirs === undefined ? ours === theirs : ours.startsWith(theirs);

describe.skipIf(!hasTshark && process.env.CI !== 'true')(
  'agrees with tshark (skipped where tshark is not installed)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'finwait-tshark-'));
    afterAll(() => rmSync(folder, { recursive: true }));

    function compare(piles: Map<number, Pile>): void {
      const differences: string[] = [];
      for (const [linkType, { records, origins, ours }] of piles) {
        const theirs = askTshark(join(folder, `${linkType}.pcap`), linkType, records);
        expect(theirs.length).toBe(records.length);
        origins.forEach((origin, i) => {
          if (!agree(ours[i], theirs[i])) differences.push(`${origin}: ours ${ours[i]}, tshark ${theirs[i]}`);
        });
      }
      expect(differences).toEqual([]);
    }

    it('on every stack that the other tests build', () => {
      const piles = new Map<number, Pile>();
      for (const { name, linkType, bytes } of STACKS) {
        if (!UNLIKE_TSHARK.has(name)) pileUp(piles, frameOf(bytes, { linkType }), name);
      }
      compare(piles);
    });

    describe.each([
      ['the recorded captures', join(ROOT, 'captures')],
      ['the examples beside the repository', join(ROOT, '../shared/examples')],
    ])('on %s', (_, from) => {
      const paths = capturesIn(from);
      it.skipIf(paths.length === 0)('frame by frame (skipped where there are none)', async () => {
        const piles = new Map<number, Pile>();
        for (const path of paths) {
          await readCapture(path, (frame) => pileUp(piles, frame, `${path}:${frame.number}`));
        }
        compare(piles);
      });
    });
  },
);
