import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readCapture } from '../../../src/capture/files/read.ts';
import { CapOutput } from '../../../src/capture/live/cap-output.ts';

let folder: string;
let pipe: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'finwait-output-'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  pipe = openSync(join(folder, 'pipe'), constants.O_RDWR | constants.O_NONBLOCK);
});
afterEach(() => {
  closeSync(pipe);
  rmSync(folder, { recursive: true });
});

/** All that is in the pipe now. */
function drain(): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.alloc(1 << 16);
    try {
      chunks.push(chunk.subarray(0, readSync(pipe, chunk)));
    } catch {
      return Buffer.concat(chunks);
    }
  }
}

async function read(stream: Buffer) {
  const path = join(folder, 'written.pcap');
  writeFileSync(path, stream);
  const frames: { timeUs: number; bytes: string; wireLength: number }[] = [];
  const summary = await readCapture(path, ({ bytes, start, end, timeUs, wireLength }) => {
    frames.push({ timeUs, bytes: Buffer.from(bytes.subarray(start, end)).toString('hex'), wireLength });
  });
  return { summary, frames };
}

it('writes a capture with times, lengths and link type', async () => {
  const output = new CapOutput(pipe, 113, 4);
  output.add(1_700_000_000_999_999, Buffer.from('0102', 'hex'), 2);
  output.add(1_700_000_001_000_000, Buffer.from('010203040506', 'hex'), 6);
  expect(output.flush()).toBe(true);
  const { summary, frames } = await read(drain());
  expect(summary).toMatchObject({ format: 'pcap', linkTypes: [113], damage: null });
  expect(frames).toEqual([
    { timeUs: 1_700_000_000_999_999, bytes: '0102', wireLength: 2 },
    { timeUs: 1_700_000_001_000_000, bytes: '01020304', wireLength: 6 },
  ]);
});

it('keeps what a full pipe does not take, in order, cut wherever the pipe was full', async () => {
  const output = new CapOutput(pipe, 1, 65_535);
  const frame = Buffer.alloc(60_000);
  const got: Buffer[] = [];
  for (let i = 0; i < 200; i++) {
    const length = 1 + ((i * 7919) % frame.length);
    frame.writeUInt8(i, 0);
    output.add(i, frame, length);
    output.flush();
    if (i % 9 === 0) got.push(drain());
  }
  expect(output.flush()).toBe(false);
  do got.push(drain());
  while (!output.flush());
  got.push(drain());
  const { summary, frames } = await read(Buffer.concat(got));
  expect(summary.damage).toBeNull();
  expect(frames.map(({ timeUs, bytes, wireLength }) => [timeUs, bytes.slice(0, 2), wireLength])).toEqual(
    Array.from({ length: 200 }, (_, i) => [i, Buffer.from([i]).toString('hex'), 1 + ((i * 7919) % 60_000)]),
  );
});

it('is full before it holds more than 65 MiB', () => {
  const output = new CapOutput(pipe, 1, 65_535);
  const frame = Buffer.alloc(60_000);
  let bytes = 0;
  for (; !output.isFull; bytes += frame.length) output.add(0, frame, frame.length);
  expect(bytes).toBeLessThan(65 * 2 ** 20);
  output.flush();
  drain();
  output.flush();
  expect(output.isFull).toBe(false);
});

it('throws where nobody reads any more', () => {
  const readEnd = openSync(join(folder, 'pipe'), constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(join(folder, 'pipe'), constants.O_WRONLY | constants.O_NONBLOCK);
  closeSync(pipe);
  closeSync(readEnd);
  const output = new CapOutput(writeEnd, 1, 100);
  expect(() => output.flush()).toThrow('EPIPE');
  pipe = writeEnd;
});
