// Frames decoded here and by tshark. Those of all files are put into one pcapng file, with an interface
// for each link type, so that tshark starts once, not hundreds of times.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Frame } from '../../src/capture/base/frame.ts';
import { readCapture } from '../../src/capture/files/read.ts';
import { formatAddress } from '../../src/decode/address.ts';
import { decodeFrame } from '../../src/decode/decode.ts';
import { newSegment, type Segment } from '../../src/decode/segment.ts';
import { SEGMENT, UNKNOWN_LINK } from '../../src/decode/verdict.ts';
import { capturesUnder, EXAMPLES } from '../examples.ts';
import { lacks } from '../record/program.ts';
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
  'tcp.options.sack.dsack_le',
  'tcp.options.sack.dsack_re',
  'tcp.options.timestamp.tsval',
  'tcp.options.timestamp.tsecr',
  'tcp.len',
];
const FLAGS = FIELDS.indexOf('tcp.flags');
const IP_FIELDS = ['ip.flags.mf', 'ip.src', 'ip.dst', 'ip.ttl', 'ipv6.src', 'ipv6.dst', 'ipv6.hlim'];
const PORT = IP_FIELDS.length - 1 + FIELDS.indexOf('tcp.srcport');
const OFF = [
  'wlan.defragment',
  'capwap.reassemble',
  'ip.defragment',
  'ipv6.defragment',
  'tcp.desegment_tcp_streams',
  'tcp.analyze_sequence_numbers',
];

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
    s.isDsack ? s.dsackLeft : '',
    s.isDsack ? s.dsackRight : '',
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
  // Of the segments in an A-MSDU, only the first is decoded here.
  const inFrame = /:wlan:.*:tcp:.*:tcp/.test(protocols) ? columns[PORT]!.split(' ').length : 1;
  const [src, dst, ttl, src6, dst6, hopLimit, ...fields] = columns.map(
    (column) => column.split(' ').at(-inFrame) ?? '',
  );
  // An ICMP message quotes the header of a segment that it does not carry.
  if (fields[0] === '' || /:icmp(v6)?:/.test(protocols)) return undefined;
  const isV6 = protocols.lastIndexOf(':ipv6:') > protocols.lastIndexOf(':ip:');
  const tcp = fields.map((value) => (value === '' ? '' : Number(value)));
  tcp[FLAGS] = Number(fields[FLAGS]) & 0xff;
  const length = tcp.pop();
  const known = length !== '' && !moreFragments.includes('1');
  return [...(isV6 ? [src6, dst6, hopLimit] : [src, dst, ttl]), ...tcp, known ? `${length}.` : ''].join(' ');
}

/** A frame, copied, and what decodeFrame makes of it. */
interface Shot {
  origin: string;
  linkType: number;
  wireLength: number;
  bytes: Uint8Array;
  ours: string | undefined;
}

/** Adds a frame, unless its link type is one that is not decoded here. */
function take(shots: Shot[], frame: Frame, origin: string): void {
  const { linkType, wireLength, start, end } = frame;
  const segment = newSegment();
  const verdict = decodeFrame(frame, segment);
  if (verdict === UNKNOWN_LINK) return;
  const ours = verdict === SEGMENT ? describeSegment(segment) : undefined;
  shots.push({ origin, linkType, wireLength, bytes: frame.bytes.slice(start, end), ours });
}

/** A pcapng block: type, length, the words, bytes padded to a word, length. */
function block(type: number, words: number[], bytes: Uint8Array = new Uint8Array(0)): Buffer {
  const dataEnd = 8 + 4 * words.length + bytes.length;
  const length = Math.ceil(dataEnd / 4) * 4 + 4;
  const made = Buffer.alloc(length);
  for (const [i, word] of [type, length, ...words].entries()) made.writeUInt32LE(word, 4 * i);
  made.set(bytes, dataEnd - bytes.length);
  made.writeUInt32LE(length, length - 4);
  return made;
}

function pcapng(shots: Shot[]): Buffer {
  const linkTypes = [...new Set(shots.map((shot) => shot.linkType))];
  return Buffer.concat([
    block(0x0a0d0d0a, [0x1a2b3c4d, 1, 0xffffffff, 0xffffffff]),
    ...linkTypes.map((linkType) => block(1, [linkType, 0])),
    ...shots.map(({ linkType, bytes, wireLength }) =>
      block(6, [linkTypes.indexOf(linkType), 0, 0, bytes.length, Math.max(wireLength, bytes.length)], bytes),
    ),
  ]);
}

/** What tshark makes of them, in their order. */
function askTshark(shots: Shot[], file: string): (string | undefined)[] {
  writeFileSync(file, pcapng(shots));
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
  'NFLOG, IPv6, big endian, a prefix of odd length',
  'NFLOG, a nested attribute, big endian',
  "VXLAN on Linux's own port",
  'CAPWAP, IEEE 802.11',
  'NULL, IPv6 as 10, little endian',
  'NULL, IPv6 as 10, big endian',
  'NULL, IPv6 as 23, little endian',
  'NULL, IPv6 as 23, big endian',
]);

const agree = (ours: string | undefined, theirs: string | undefined) =>
  ours === undefined || theirs === undefined ? ours === theirs : ours.startsWith(theirs);

describe.skipIf(lacks('tshark'))('agrees with tshark (skipped where tshark is not installed)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'finwait-tshark-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function compare(shots: Shot[]): void {
    const theirs = askTshark(shots, join(folder, 'frames.pcapng'));
    expect(theirs.length).toBe(shots.length);
    expect(theirs).toContainEqual(expect.any(String));
    const differences = shots.flatMap(({ origin, ours }, i) =>
      agree(ours, theirs[i]) ? [] : [`${origin}: ours ${ours}, tshark ${theirs[i]}`],
    );
    expect(differences).toEqual([]);
  }

  it('on every stack that the other tests build', () => {
    const shots: Shot[] = [];
    for (const { name, linkType, bytes } of STACKS) {
      if (!UNLIKE_TSHARK.has(name)) take(shots, frameOf(bytes, { linkType }), name);
    }
    compare(shots);
  });

  describe.each([
    ['the recorded captures', join(ROOT, 'captures')],
    ['the examples beside the repository', EXAMPLES],
  ])('on %s', (_, from) => {
    const paths = capturesUnder(from);
    it.skipIf(paths.length === 0)('frame by frame (skipped where there are none)', async () => {
      const shots: Shot[] = [];
      for (const path of paths) {
        await readCapture(path, (frame) => take(shots, frame, `${path}:${frame.number}`));
      }
      compare(shots);
    });
  });
});
