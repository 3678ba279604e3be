import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../../../src/capture/files/read.ts';
import { capturesUnder, EXAMPLES } from '../../examples.ts';
import { Blocks, missing, outcome, payload, pcap, streamed, written } from '../make.ts';

// Files are read in place, streams through pcap-parser and its guard: they must say the same.

const b = new Blocks(false);
const lengths = [0, 1, 60, 13, 1514, 0, 70_000, 300, 2];
const records = lengths.map((length, i) => ({
  fraction: i,
  bytes: payload(length, i),
  wireLength: length + i,
}));

const made: [name: string, bytes: Buffer][] = [
  ['pcap', pcap(records)],
  ['pcap, big-endian', pcap(records, { littleEndian: false })],
  ['pcap-ns', pcap(records, { magic: 0xa1b23c4d })],
  ['pcap-modified', pcap(records, { magic: 0xa1b2cd34 })],
  ['pcap-modified, big-endian', pcap(records, { magic: 0xa1b2cd34, littleEndian: false })],
  [
    'pcapng',
    Buffer.concat([
      b.section(),
      b.interface(),
      ...lengths.map((length, i) => b.enhanced(payload(length, i), BigInt(i))),
      b.block(0x7777, payload(700_000)),
      b.simple(payload(5)),
    ]),
  ],
];

describe.each(made)('%s', (_, bytes) => {
  it.each([1, 2, 3, 5, 7, 13, 61, 1021, 65_537])('in chunks of %i', async (size) => {
    expect(await streamed(bytes, size)).toEqual(await outcome(written(bytes)));
  });

  it('split at every offset of the first 100 bytes', async () => {
    const fromFile = await outcome(written(bytes));
    for (let at = 1; at <= 100; at++) expect(await streamed(bytes, at, bytes.length)).toEqual(fromFile);
  });

  it('cut at every offset of the first 200 bytes', async () => {
    for (let end = 0; end <= 200; end++) {
      const cut = bytes.subarray(0, end);
      expect(await streamed(cut, 11)).toEqual(await outcome(written(cut)));
    }
  });
});

describe('more than a buffer full', () => {
  const many = Array.from({ length: 3000 }, (_, i) => ({ fraction: i, bytes: payload(i, i) }));

  it('keeps records whole over the edges of blocks', async () => {
    const { frames } = await outcome(written(pcap(many)));
    expect(frames.length).toBe(3000);
    for (const [i, { bytes }] of many.entries()) expect(frames[i]?.hex).toBe(bytes.toString('hex'));
    expect((await streamed(pcap(many), 65_536)).frames).toEqual(frames);
  });
});

const repository = join(import.meta.dirname, '../../..');
const files = [join(repository, 'captures'), EXAMPLES]
  .flatMap(capturesUnder)
  .filter((path) => /\.pcap(ng)?$/.test(path));

describe.skipIf(files.length === 0)('recorded captures', () => {
  it.each(files.map((path) => [relative(repository, path), path]))('%s', async (_, path) => {
    const fromFile = await outcome(path);
    expect(await streamed(fs.readFileSync(path), 4093)).toEqual(fromFile);
  });

  it.skipIf(missing('capinfos'))('hold as many frames as capinfos counts', async () => {
    const table = execFileSync('capinfos', ['-T', '-r', '-M', '-c', ...files], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const counted = table
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(counted.length).toBe(files.length);
    for (const [path, count] of counted) {
      expect([path, (await readCapture(path!, () => {})).frames]).toEqual([path, Number(count)]);
    }
  });
});
