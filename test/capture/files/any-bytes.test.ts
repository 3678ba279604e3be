import * as fs from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Blocks, outcome, payload, pcap, streamed, temporary } from '../make.ts';

// No bytes whatever make a reader throw anything but a CaptureError (outcome() lets all else through),
// run on without end (the test would time out), or disagree with the other reader.

const b = new Blocks();
const big = new Blocks(false);
const lengths = [0, 3, 60, 1514];
const classic = (magic: number, littleEndian: boolean) =>
  pcap(
    lengths.map((length, i) => ({ fraction: i, bytes: payload(length, i) })),
    { magic, littleEndian },
  );
const ng = (blocks: Blocks) =>
  Buffer.concat([
    blocks.section(),
    blocks.interface(blocks.option(9, Buffer.from([9]))),
    blocks.interface(blocks.option(14, payload(8)), 101, 64),
    ...lengths.map((length, i) => blocks.enhanced(payload(length, i), BigInt(i), { id: i & 1 })),
    blocks.obsolete(payload(40), 5n, 1),
    blocks.simple(payload(20)),
    blocks.block(5, payload(12)),
  ]);
const valid = [
  ...[0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34].flatMap((magic) => [classic(magic, true), classic(magic, false)]),
  ng(b),
  ng(big),
  Buffer.concat([ng(b), ng(big)]),
];

const path = temporary();

/** Both readers say the same of these bytes, and no more than is in them. */
async function both(bytes: Buffer, size: number): Promise<void> {
  fs.writeFileSync(path, bytes);
  const fromFile = await outcome(path);
  expect(await streamed(bytes, size)).toEqual(fromFile);
  expect(fromFile.frames.length).toBeLessThanOrEqual(bytes.length / 16);
  expect(fromFile.frames.reduce((sum, { hex }) => sum + hex.length / 2, 0)).toBeLessThanOrEqual(bytes.length);
}

const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
const size = fc.integer({ min: 1, max: 100 });
const base = fc.constantFrom(...valid);
/** Numbers that lengths and counts are most likely to stumble over. */
const nasty = fc.oneof(
  fc.constantFrom(0, 1, 3, 4, 8, 11, 12, 28, 262_144, 262_145, 0x0100_0000, 0x7fff_ffff, 0xffff_ffff),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);
const change = fc.record({ at: fc.nat(3000), value: nasty, width: fc.constantFrom(1, 2, 4) });

function mutate(
  original: Buffer,
  changes: { at: number; value: number; width: number }[],
  cut: number,
): Buffer {
  const copy = Buffer.from(original.subarray(0, Math.max(0, original.length - cut)));
  for (const { at, value, width } of changes) {
    if (copy.length >= width)
      copy.writeUIntLE(value % 2 ** (8 * width), at % (copy.length - width + 1), width);
  }
  return copy;
}

describe('any bytes', () => {
  it('at random', async () => {
    await fc.assert(fc.asyncProperty(bytes, size, both), { numRuns: 500 });
  });

  it('behind a valid header', async () => {
    const headers = valid.map((file) => file.subarray(0, file.readUInt32BE(0) === 0x0a0d0d0a ? 80 : 24));
    const behind = fc.tuple(fc.constantFrom(...headers), bytes).map((parts) => Buffer.concat(parts));
    await fc.assert(fc.asyncProperty(behind, size, both), { numRuns: 500 });
  });

  it('of a valid capture, changed and cut', async () => {
    const changed = fc
      .tuple(base, fc.array(change, { maxLength: 4 }), fc.oneof(fc.constant(0), fc.nat(300)))
      .map(([original, changes, cut]) => mutate(original, changes, cut));
    await fc.assert(fc.asyncProperty(changed, size, both), { numRuns: 1500 });
  });

  it('of a compressed capture, changed and cut', async () => {
    const changed = fc
      .tuple(base, fc.array(change, { maxLength: 2 }), fc.nat(50))
      .map(([original, changes, cut]) => mutate(gzipSync(original), changes, cut));
    await fc.assert(
      fc.asyncProperty(changed, size, async (compressed, n) => {
        fs.writeFileSync(path, compressed);
        const fromFile = (await outcome(path)).frames;
        const fromStream = (await streamed(compressed, n)).frames;
        // How much gunzip gives up before damage depends on how much it is given at once.
        const length = Math.min(fromFile.length, fromStream.length);
        expect(fromStream.slice(0, length)).toEqual(fromFile.slice(0, length));
      }),
      { numRuns: 500 },
    );
  });
});
