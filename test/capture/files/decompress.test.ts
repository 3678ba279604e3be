import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { PassThrough } from 'node:stream';
import * as zlib from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { firstTimeUs } from '../../../src/capture/files/first-time.ts';
import { readCapture } from '../../../src/capture/files/read.ts';
import { Blocks, missing, outcome, pcap, streamed, temporary, written } from '../make.ts';

const b = new Blocks();
/** Payloads that no compression makes small, so that a cut falls among the packets. */
const noise = (seed: number, outputLength = 1000) =>
  createHash('shake256', { outputLength }).update(String(seed)).digest();
const classic = pcap(Array.from({ length: 300 }, (_, i) => ({ fraction: i, bytes: noise(i) })));
const ng = Buffer.concat([b.section(), b.interface(), ...[1, 2, 3].map((i) => b.enhanced(noise(i)))]);

const compressions = [
  { compression: 'gzip', compress: (bytes: Buffer) => zlib.gzipSync(bytes) },
  ...['zstd', 'lz4', 'xz'].map((compression) => ({
    compression,
    compress: (input: Buffer) => execFileSync(compression, ['-1c'], { input, maxBuffer: 1e9, stdio: 'pipe' }),
  })),
];

describe.each(compressions)('$compression', ({ compression, compress }) => {
  const skip = compression !== 'gzip' && missing(compression);

  it.skipIf(skip)('reads what is inside, whatever the name', async () => {
    const plain = await outcome(written(classic));
    const expected = { ...plain, summary: { ...plain.summary, format: `pcap+${compression}` } };
    expect(await outcome(written(compress(classic), 'capture.txt'))).toEqual(expected);
    expect(await streamed(compress(classic), 3, 1021)).toEqual(expected);
    expect(await outcome(written(compress(ng)))).toMatchObject({
      summary: { format: `pcapng+${compression}`, frames: 3 },
    });
  });

  it.skipIf(skip)('reads several compressed pieces as one', async () => {
    const pieces = [classic.subarray(0, 777), classic.subarray(777)].map(compress);
    expect(await outcome(written(Buffer.concat(pieces)))).toMatchObject({ summary: { frames: 300 } });
  });

  it.skipIf(skip)('keeps the frames before a cut', async () => {
    const bytes = compress(classic);
    const { frames, damage, summary } = await outcome(written(bytes.subarray(0, bytes.length - 20)));
    // xz and lz4 keep a block back that they did not see whole.
    if (compression === 'gzip') expect(frames.length).toBeGreaterThan(290);
    expect(frames).toEqual((await outcome(written(classic))).frames.slice(0, frames.length));
    if (summary !== undefined) {
      expect(damage).toMatch(
        new RegExp(`^${24 + 1016 * frames.length}: the ${compression} data is cut or damaged \\(.+\\)$`),
      );
    }
  });

  it.skipIf(skip)('refuses what is no capture inside', async () => {
    expect(await outcome(written(compress(Buffer.from('hello world\n'))))).toEqual({
      frames: [],
      rejected: '0: is text, not a capture (text2pcap makes a capture of a hex dump)',
    });
    expect(await outcome(written(compress(Buffer.alloc(0))))).toEqual({
      frames: [],
      rejected: '0: is empty',
    });
  });

  it.skipIf(skip)('refuses a magic with nonsense behind it, however much that is', async () => {
    const bytes = Buffer.concat([compress(classic).subarray(0, 6), noise(1, 5_000_000)]);
    const { rejected } = await outcome(written(bytes));
    expect(rejected).toMatch(new RegExp(`^0: the ${compression} data is cut or damaged \\(.+\\)$`));
  });

  it.skipIf(skip)('refuses to be compressed twice', async () => {
    expect(await outcome(written(compress(zlib.gzipSync(classic))))).toEqual({
      frames: [],
      rejected: `0: gzip inside ${compression}: decompress it first`,
    });
  });

  it.skipIf(skip)('ends although its stream does not', async () => {
    const input = new PassThrough();
    input.write(compress(Buffer.from(noise(1, 5_000_000).toString('hex'))));
    expect(await outcome('-', { input })).toMatchObject({ rejected: expect.stringContaining('is text') });
    expect(input.destroyed).toBe(true);
  });

  it.skipIf(skip)('ends when told to stop', async () => {
    const input = new PassThrough();
    const stop = new AbortController();
    input.write(compress(classic).subarray(0, -10));
    setImmediate(() => stop.abort(new Error('enough')));
    await expect(readCapture('-', () => {}, { input, signal: stop.signal })).rejects.toThrow('enough');
  });

  it.skipIf(skip)('tells the time of the first frame', async () => {
    expect(await firstTimeUs(written(compress(classic)))).toBe(1_700_000_000e6);
  });
});

describe('gzip', () => {
  it('loses not one frame at the end of whole packets', async () => {
    const bytes = zlib.gzipSync(classic, { level: 0 });
    for (const kept of [1, 8, 9, 500, 5000]) {
      const { frames, damage } = await outcome(written(bytes.subarray(0, bytes.length - kept)));
      expect(damage).toContain('the gzip data is cut or damaged (unexpected end of file)');
      // The trailer is 8 bytes, the packets before it are stored as they are.
      expect(frames.length).toBe(300 - Math.ceil(Math.max(0, kept - 8) / 1016));
    }
  });

  it('takes no notice of padding behind the data', async () => {
    const bytes = Buffer.concat([zlib.gzipSync(classic), Buffer.alloc(100_000)]);
    expect(await outcome(written(bytes))).toMatchObject({ summary: { frames: 300 } });
  });

  it('names damage in the middle', async () => {
    const bytes = zlib.gzipSync(classic, { level: 0 });
    bytes[100_000]! ^= 1;
    const { frames, damage } = await outcome(written(bytes));
    expect(damage).toContain('the gzip data is cut or damaged (incorrect data check)');
    // At most the last 64 KiB stay with the decompressor.
    expect(frames.length).toBeGreaterThan(300 - 66);
  });
});

describe('data that needs much memory to be decompressed', () => {
  /** That of a dictionary of 1.5 GiB: the size is in the block's header, before its CRC. */
  function hungryXz(): Buffer {
    const bytes = execFileSync('xz', ['-1c'], { input: classic, stdio: 'pipe' });
    const header = bytes.subarray(12, 12 + (bytes[12]! + 1) * 4);
    header[header.indexOf(Buffer.of(0x21, 1)) + 2] = 37;
    header.writeUInt32LE(zlib.crc32(header.subarray(0, -4)), header.length - 4);
    return bytes;
  }
  const hungryZstd = () => execFileSync('zstd', ['--long=31', '-c'], { input: classic, stdio: 'pipe' });

  it.each([
    { compression: 'xz', most: '256 MiB', compress: hungryXz },
    { compression: 'zstd', most: '128 MiB', compress: hungryZstd },
  ])('$compression: is refused, and not called damaged', async ({ compression, most, compress }) => {
    if (missing(compression)) return;
    expect(await outcome(written(compress()))).toMatchObject({
      rejected: `0: needs more than ${most} of memory to be decompressed: run ${compression} -d with a higher limit first`,
    });
  });
});

describe('a missing program', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('is named', async () => {
    vi.stubEnv('PATH', '/nonexistent');
    const path = written(Buffer.from('fd377a585a000000000000000000000000000000000000000000', 'hex'));
    await expect(readCapture(path, () => {})).rejects.toThrow(
      `${path}: is compressed with xz: install the xz program or decompress it first`,
    );
  });

  it.skipIf(!('createZstdDecompress' in zlib) || missing('zstd'))('zstd is replaced by Node', async () => {
    const compressed = execFileSync('zstd', ['-c'], { input: classic });
    vi.stubEnv('PATH', '/nonexistent');
    const { frames, summary } = await outcome(written(classic));
    const expected = { frames, summary: { ...summary, format: 'pcap+zstd' } };
    expect(await outcome(written(compressed))).toEqual(expected);
    expect(await outcome(written(Buffer.concat([compressed, compressed])))).toEqual({
      ...expected,
      damage: `${classic.length}: several zstd frames: install the zstd program or decompress it first`,
    });
    const cut = await outcome(written(compressed.subarray(0, -20)));
    expect(cut.damage).toContain('the zstd data is cut or damaged');
    expect(cut.frames.length).toBeGreaterThan(100);
  });
});

describe('children', () => {
  it.skipIf(missing('xz'))('are gone when reading has ended, however it ended', async () => {
    const path = temporary('large.xz');
    const large = pcap(Array.from({ length: 20_000 }, (_, i) => ({ bytes: noise(i) })));
    fs.writeFileSync(path, execFileSync('xz', ['-0c'], { input: large, maxBuffer: 1e9 }));
    const failing = readCapture(path, () => {
      throw new Error('the handler failed');
    });
    await expect(failing).rejects.toThrow('the handler failed');
    await firstTimeUs(path);
    const { stdout } = spawnSync('ps', ['--ppid', String(process.pid), '-o', 'comm='], { encoding: 'utf8' });
    expect(stdout).not.toContain('xz');
  });
});
