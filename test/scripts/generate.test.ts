import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PCAPNG } from '../../scripts/generate/container.ts';
import { type GenerateOptions, generate } from '../../scripts/generate/generate.ts';
import { readCapture } from '../../src/capture/files/read.ts';
import { decodeFrame } from '../../src/decode/decode.ts';
import { ACK, FIN, newSegment, SYN } from '../../src/decode/segment.ts';
import { seqAdd, seqDiff } from '../../src/decode/sequence.ts';
import { SEGMENT } from '../../src/decode/verdict.ts';
import { lacks } from '../record/program.ts';

const OPTIONS: GenerateOptions = {
  flows: 400,
  packetsPerFlow: 30,
  payload: 500,
  concurrent: 50,
  seed: 1,
  ipv6: false,
  snapLength: 96,
};

const folder = mkdtempSync(join(tmpdir(), 'finwait-generate-'));
afterAll(() => rmSync(folder, { recursive: true }));

function bytesOf(changes: Partial<GenerateOptions> = {}): Buffer {
  const blocks: Buffer[] = [];
  generate({ ...OPTIONS, ...changes }, (block) => blocks.push(Buffer.from(block)));
  return Buffer.concat(blocks);
}

function write(name: string, changes: Partial<GenerateOptions> = {}): string {
  const path = join(folder, name);
  writeFileSync(path, bytesOf(changes));
  return path;
}

describe('the capture generator', () => {
  it('gives the same bytes for the same seed only', () => {
    const first = bytesOf();
    expect(bytesOf().equals(first)).toBe(true);
    expect(bytesOf({ seed: 2 }).equals(first)).toBe(false);
  });

  it.each([
    ['IPv4', {}],
    ['IPv6', { ipv6: true }],
    ['more blocks than one, one flow at a time', { concurrent: 1, packetsPerFlow: 100 }],
    ['flows without data', { packetsPerFlow: 7 }],
  ])('writes whole flows in time order: %s', async (name, changes) => {
    const segment = newSegment();
    /** The next sequence number of each direction. */
    const next = new Map<string, number>();
    const flows = new Set<string>();
    let lastUs = 0;
    let problems = 0;
    const summary = await readCapture(write(`${name}.pcap`, changes), (frame) => {
      problems += Number(decodeFrame(frame, segment) !== SEGMENT || frame.timeUs < lastUs);
      lastUs = frame.timeUs;
      const { src3, srcPort, dst3, dstPort, seq, ack, flags, payloadLength } = segment;
      const from = `${src3}:${srcPort}`;
      const to = `${dst3}:${dstPort}`;
      const expected = next.get(from + to);
      const isSyn = (flags & SYN) !== 0;
      if (flags === SYN) flows.add(from + to);
      if (expected !== undefined && !isSyn) problems += Number(seq !== expected);
      const sent = next.get(to + from);
      // An acknowledgment may stay behind what is under way, never run ahead of it.
      if ((flags & ACK) !== 0) problems += Number(sent === undefined || seqDiff(ack, sent) > 0);
      next.set(from + to, seqAdd(seq, payloadLength + Number(isSyn) + (flags & FIN)));
    });
    expect(summary.damage).toBeNull();
    expect(flows.size).toBe(OPTIONS.flows);
    expect(problems).toBe(0);
  });

  it('writes the same frames as pcapng', async () => {
    const frames = async (name: string, changes: Partial<GenerateOptions>) => {
      const seen: string[] = [];
      const summary = await readCapture(write(name, changes), ({ bytes, start, end, timeUs, wireLength }) =>
        seen.push(`${timeUs} ${wireLength} ${Buffer.from(bytes.subarray(start, end)).toString('hex')}`),
      );
      expect(summary).toMatchObject({ damage: null, linkTypes: [1] });
      return { format: summary.format, seen };
    };
    // 97 bytes need padding.
    const pcap = await frames('frames.pcap', { snapLength: 97 });
    const pcapng = await frames('frames.pcapng', { snapLength: 97, container: PCAPNG });
    expect([pcap.format, pcapng.format]).toEqual(['pcap', 'pcapng']);
    expect(pcapng.seen).toEqual(pcap.seen);
  });

  it('holds all flows open at once where that is asked for', async () => {
    const segment = newSegment();
    let lastSyn = 0;
    let firstFin = Number.POSITIVE_INFINITY;
    const seen = new Set<number>();
    const changes = { concurrent: OPTIONS.flows, packetsPerFlow: 7, holdUs: 2e6 };
    await readCapture(write('held.pcap', changes), (frame) => {
      decodeFrame(frame, segment);
      const { src3, srcPort, flags, timeUs } = segment;
      const from = src3 * 65_536 + srcPort;
      // A flow's first SYN: that of one without an answer comes again.
      if (flags === SYN && !seen.has(from)) lastSyn = timeUs;
      seen.add(from);
      if ((flags & FIN) !== 0) firstFin = Math.min(firstFin, timeUs);
    });
    expect(seen.size).toBeGreaterThan(OPTIONS.flows);
    expect(firstFin).toBeGreaterThan(lastSyn);
  });

  it.skipIf(lacks('tshark'))(
    'is healthy TCP to tshark, apart from the SYNs that nobody answers (skipped where tshark is not installed)',
    () => {
      const flagged = (filter: string) =>
        execFileSync('tshark', ['-n', '-r', join(folder, 'IPv4.pcap'), '-Y', filter], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
      write('IPv4.pcap');
      expect(flagged('tcp.analysis.flags && !(tcp.flags == 0x002) || _ws.malformed')).toBe('');
      expect(flagged('tcp.analysis.retransmission')).not.toBe('');
    },
  );
});
