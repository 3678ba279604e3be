// What ICMP errors quote, here and by tshark. It passes over the number of a TCP header in ICMPv6 that was cut.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCapture } from '../../../src/capture/files/read.ts';
import { formatAddress } from '../../../src/decode/address.ts';
import { decodeFrame, quotingError, skippedNumber } from '../../../src/decode/decode.ts';
import { ICMP, ICMPV6 } from '../../../src/decode/icmp.ts';
import { newSegment } from '../../../src/decode/segment.ts';
import { NOT_TCP } from '../../../src/decode/verdict.ts';
import { pcap, type Record } from '../../capture/make.ts';
import { capturesUnder, EXAMPLES } from '../../examples.ts';
import { lacks } from '../../record/program.ts';
import { ERROR_FRAMES, OTHER_ICMP } from './errors.ts';

const ROOT = join(import.meta.dirname, '../../..');
const OFF = ['ip.defragment', 'ipv6.defragment', 'tcp.analyze_sequence_numbers'];
const FIELDS = [
  ...['frame.number', 'frame.protocols', 'icmp.type', 'icmp.code', 'icmpv6.type', 'icmpv6.code'],
  ...['ip.src', 'ip.dst', 'ipv6.src', 'ipv6.dst', 'tcp.srcport', 'tcp.dstport', 'tcp.seq'],
];
/** Types that tshark takes for no error, or the other way round, quotes of tunnels, and ports without a number. */
const UNLIKE_TSHARK = new Set([
  ...['an unknown type of error', 'a redirect: the packet was forwarded', 'a tunnel', 'another error'],
  ...['seven bytes of TCP', 'seven bytes of TCP, IPv6', 'a total length that ends before TCP'],
  ...['IPv6 in ICMP', 'ICMPv6 in IPv4', 'ICMP in IPv6', 'a later fragment, IPv6'],
]);

/** Quotes by frame: `3/13 10.9.1.1: 10.0.0.1 40000 > 10.0.0.2 80 seq 7`. */
type Quotes = Map<number, string>;

async function ours(path: string): Promise<Quotes> {
  const quotes: Quotes = new Map();
  const s = newSegment();
  await readCapture(path, (frame) => {
    const error = decodeFrame(frame, s) === NOT_TCP ? quotingError() : undefined;
    if (error === undefined) return;
    const from = formatAddress(error.from0, error.from1, error.from2, error.from3);
    const src = formatAddress(s.src0, s.src1, s.src2, s.src3);
    const dst = formatAddress(s.dst0, s.dst1, s.dst2, s.dst3);
    const quote = `${error.type}/${error.code} ${from}: ${src} ${s.srcPort} > ${dst} ${s.dstPort} seq ${s.seq}`;
    quotes.set(frame.number, quote);
  });
  return quotes;
}

function theirs(path: string): Quotes {
  const output = execFileSync(
    'tshark',
    [
      ...['-n', '-r', path, '-Y', '(icmp or icmpv6) and tcp', '-T', 'fields', '-E', 'aggregator=/s'],
      ...OFF.flatMap((preference) => ['-o', `${preference}:FALSE`]),
      ...FIELDS.flatMap((field) => ['-e', field]),
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const quotes: Quotes = new Map();
  for (const line of output.split('\n').slice(0, -1)) {
    const [frame, protocols = '', ...columns] = line.split('\t').map((column) => column.split(' '));
    const isV6 = protocols[0]!.includes(':icmpv6:');
    const [type, code, type6, code6, src, dst, src6, dst6, srcPort, dstPort, seq] = columns;
    const [t, c, s, d] = isV6 ? [type6, code6, src6, dst6] : [type, code, src, dst];
    const number = seq?.[0] === '' ? '' : ` ${seq?.[0]}`;
    const quote = `${t?.[0]}/${c?.[0]} ${s?.at(-2)}: ${s?.at(-1)} ${srcPort?.[0]} > ${d?.at(-1)} ${dstPort?.[0]} seq${number}`;
    quotes.set(Number(frame), quote);
  }
  return quotes;
}

/** Expects both to quote the same; where tshark tells no number, ours counts. How many quotes there are. */
async function compare(path: string): Promise<number> {
  const mine = await ours(path);
  const known = [...theirs(path)].map(([frame, quote]) => {
    const own = mine.get(frame);
    return [frame, quote.endsWith('seq') && own?.startsWith(quote) ? own : quote] as const;
  });
  expect(mine).toEqual(new Map(known));
  return mine.size;
}

/** The frames of captures that carry ICMP, by link type. */
async function icmpFrames(paths: readonly string[]): Promise<Map<number, Record[]>> {
  const found = new Map<number, Record[]>();
  const segment = newSegment();
  for (const path of paths) {
    await readCapture(path, ({ bytes, start, end, wireLength, linkType, ...rest }) => {
      const verdict = decodeFrame({ bytes, start, end, wireLength, linkType, ...rest }, segment);
      if (verdict !== NOT_TCP || ![ICMP, ICMPV6].includes(skippedNumber())) return;
      const frames = found.get(linkType) ?? [];
      found.set(linkType, [...frames, { bytes: Buffer.from(bytes.slice(start, end)), wireLength }]);
    });
  }
  return found;
}

describe.skipIf(lacks('tshark'))('agrees with tshark (skipped where tshark is not installed)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'finwait-icmp-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('on the frames that the other tests build', async () => {
    const built = [...ERROR_FRAMES.map(({ name, bytes }) => [name, bytes] as const), ...OTHER_ICMP].filter(
      ([name]) => !UNLIKE_TSHARK.has(name),
    );
    const path = join(folder, 'built.pcap');
    writeFileSync(path, pcap(built.map(([, bytes]) => ({ bytes: Buffer.from(bytes) }))));
    expect(await compare(path)).toBe(ERROR_FRAMES.length - 1);
  });

  describe.each([
    ['the recorded captures', join(ROOT, 'captures')],
    ['the examples beside the repository', EXAMPLES],
  ])('on %s', (_, from) => {
    const paths = capturesUnder(from);
    it.skipIf(paths.length === 0)('frame by frame (skipped where there are none)', async () => {
      for (const [network, frames] of await icmpFrames(paths)) {
        const path = join(folder, `${network}.pcap`);
        writeFileSync(path, pcap(frames, { network }));
        await compare(path);
      }
    });
  });
});
