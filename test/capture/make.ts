import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll } from 'vitest';
import { CaptureError } from '../../src/capture/base/error.ts';
import type { CaptureSummary } from '../../src/capture/base/summary.ts';
import { type ReadOptions, readCapture } from '../../src/capture/files/read.ts';

// Captures made byte by byte, and readers that keep what they see.

/** A frame as a value. */
export interface Seen {
  number: number;
  timeUs: number;
  linkType: number;
  wireLength: number;
  hex: string;
}

/** How reading ended: a summary or a rejection, with the error's place and reason apart from the path. */
export interface Outcome {
  frames: Seen[];
  summary?: Omit<CaptureSummary, 'path' | 'damage'>;
  damage?: string;
  rejected?: string;
}

/** Reads to the end and keeps everything. Whatever is thrown that is no CaptureError comes through. */
export async function outcome(path: string, options: ReadOptions = {}): Promise<Outcome> {
  const frames: Seen[] = [];
  try {
    const {
      path: _,
      damage,
      ...summary
    } = await readCapture(
      path,
      ({ number, timeUs, linkType, wireLength, bytes, view, start, end }) => {
        if (view.buffer !== bytes.buffer || view.byteOffset !== bytes.byteOffset) {
          throw new Error('bytes and view differ');
        }
        const hex = Buffer.from(bytes.subarray(start, end)).toString('hex');
        frames.push({ number, timeUs, linkType, wireLength, hex });
      },
      options,
    );
    return damage === null ? { frames, summary } : { frames, summary, damage: at(damage) };
  } catch (error) {
    if (error instanceof CaptureError) return { frames, rejected: at(error) };
    throw error;
  }
}

function at({ offset, reason }: CaptureError): string {
  return `${offset}: ${reason}`;
}

/** The same for bytes that arrive as a stream, cut into chunks of these sizes, the last one repeated. */
export function streamed(bytes: Buffer, ...sizes: number[]): Promise<Outcome> {
  return outcome('-', { input: Readable.from(split(bytes, sizes)) });
}

function* split(bytes: Buffer, sizes: number[]): Generator<Buffer> {
  for (let start = 0, i = 0; start < bytes.length; i++) {
    const size = sizes[Math.min(i, sizes.length - 1)] ?? bytes.length;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

const folder = fs.mkdtempSync(join(tmpdir(), 'finwait-capture-'));
let files = 0;
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** A path in a folder that is removed when the test file is done. */
export function temporary(name = 'capture'): string {
  return join(folder, `${files++}-${name}`);
}

/** Writes bytes to a file of their own; returns its path. */
export function written(bytes: Buffer | string, name?: string): string {
  const path = temporary(name);
  fs.writeFileSync(path, bytes);
  return path;
}

/** Whether a test that needs the program must be skipped: it is missing, and this is not CI, where it must be there. */
export function missing(program: string): boolean {
  if (process.env.CI === 'true') return false;
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return false;
  } catch {
    return true;
  }
}

/** Bytes from a list of fields: [value, width], of one byte order; Buffers as they are. */
export function pack(littleEndian: boolean, ...fields: (readonly [number, 1 | 2 | 4] | Buffer)[]): Buffer {
  return Buffer.concat(
    fields.map((field) => {
      if (Buffer.isBuffer(field)) return field;
      const [value, width] = field;
      const bytes = Buffer.alloc(width);
      if (littleEndian) bytes.writeUIntLE(value, 0, width);
      else bytes.writeUIntBE(value, 0, width);
      return bytes;
    }),
  );
}

/** `length` bytes that differ from each other and from call to call. */
export function payload(length: number, seed = 0): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 7 + seed * 13 + (i >> 8)) & 0xff));
}

export interface Record {
  seconds?: number;
  fraction?: number;
  bytes: Buffer;
  /** What the header claims, where that is not the truth. */
  captured?: number;
  wireLength?: number;
}

export interface PcapOptions {
  magic?: number;
  littleEndian?: boolean;
  snapLength?: number;
  network?: number;
}

/** A classic capture. The magic decides the record header's length. */
export function pcap(records: Record[], options: PcapOptions = {}): Buffer {
  const { magic = 0xa1b2c3d4, littleEndian = true, snapLength = 65_535, network = 1 } = options;
  const modified = magic === 0xa1b2cd34 ? Buffer.from('0102030405060708', 'hex') : Buffer.alloc(0);
  const header = pack(
    littleEndian,
    [magic, 4],
    [2, 2],
    [4, 2],
    [0, 4],
    [0, 4],
    [snapLength, 4],
    [network, 4],
  );
  const packets = records.map(({ seconds = 1_700_000_000, fraction = 0, bytes, captured, wireLength }) =>
    pack(
      littleEndian,
      [seconds, 4],
      [fraction, 4],
      [captured ?? bytes.length, 4],
      [wireLength ?? bytes.length, 4],
      modified,
      bytes,
    ),
  );
  return Buffer.concat([header, ...packets]);
}

/** Blocks of a pcapng section in one byte order. */
export class Blocks {
  readonly littleEndian: boolean;

  constructor(littleEndian = true) {
    this.littleEndian = littleEndian;
  }

  /** A block of any type; the body is padded. `length` overrides what it says of itself. */
  block(type: number, body: Buffer, length?: number): Buffer {
    const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
    const total = length ?? padded.length + 12;
    return pack(this.littleEndian, [type, 4], [total, 4], padded, [total, 4]);
  }

  section(major = 1): Buffer {
    const unknownLength = Buffer.alloc(8, 0xff);
    return this.block(
      0x0a0d0d0a,
      pack(this.littleEndian, [0x1a2b3c4d, 4], [major, 2], [0, 2], unknownLength),
    );
  }

  interface(options: Buffer = Buffer.alloc(0), linkType = 1, snapLength = 0): Buffer {
    return this.block(1, pack(this.littleEndian, [linkType, 2], [0, 2], [snapLength, 4], options));
  }

  option(code: number, value: Buffer): Buffer {
    const padding = Buffer.alloc(-value.length & 3);
    return pack(this.littleEndian, [code, 2], [value.length, 2], value, padding);
  }

  enhanced(bytes: Buffer, time = 1_700_000_000_000_000n, fields: PacketFields = {}): Buffer {
    const { id = 0, captured = bytes.length, wireLength = bytes.length, options = Buffer.alloc(0) } = fields;
    const data = Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3), options]);
    return this.block(
      6,
      pack(this.littleEndian, [id, 4], ...halves(time), [captured, 4], [wireLength, 4], data),
    );
  }

  obsolete(bytes: Buffer, time: bigint, id = 0, drops = 0xffff): Buffer {
    const lengths = [[bytes.length, 4] as const, [bytes.length, 4] as const];
    return this.block(2, pack(this.littleEndian, [id, 2], [drops, 2], ...halves(time), ...lengths, bytes));
  }

  simple(bytes: Buffer, wireLength = bytes.length): Buffer {
    return this.block(3, pack(this.littleEndian, [wireLength, 4], bytes));
  }
}

export interface PacketFields {
  id?: number;
  captured?: number;
  wireLength?: number;
  options?: Buffer;
}

/** The two words of a 64-bit timestamp, as pcapng has them: upper first in both byte orders. */
function halves(time: bigint): (readonly [number, 4])[] {
  return [
    [Number(time >> 32n), 4],
    [Number(time & 0xffffffffn), 4],
  ];
}
