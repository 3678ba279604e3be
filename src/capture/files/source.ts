import * as fs from 'node:fs';
import { Socket } from 'node:net';
import { addAbortSignal, Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CaptureError } from '../base/error.ts';
import type { ReadBuffer } from './read-buffer.ts';

/** Where a capture's bytes come from. */
export interface Source {
  /** A regular file; else bytes that only flow. */
  readonly isFile: boolean;
  readonly bytesRead: number;
  readonly totalBytes: number | undefined;
  /** Appends bytes to the buffer, which has room; false at the end. Throws what the system throws. */
  fill(buffer: ReadBuffer): Promise<boolean>;
  /** Closes the file or stream, also before its end. */
  close(): Promise<void>;
}

/** Files are read without leaving the thread; so often others get their turn. */
const YIELD_EVERY = 4 * 1024 * 1024;

class FileSource implements Source {
  readonly isFile = true;
  readonly totalBytes: number;
  bytesRead = 0;
  readonly #fd: number;
  readonly #limit: number;
  #yieldAt = YIELD_EVERY;

  constructor(fd: number, size: number, limit: number) {
    this.#fd = fd;
    this.totalBytes = size;
    this.#limit = limit;
  }

  async fill(buffer: ReadBuffer): Promise<boolean> {
    if (this.bytesRead >= this.#yieldAt) {
      this.#yieldAt = this.bytesRead + YIELD_EVERY;
      await setImmediate();
    }
    const { bytes, end } = buffer;
    const room = Math.min(bytes.length - end, this.#limit - this.bytesRead);
    const length = fs.readSync(this.#fd, bytes, end, room, this.bytesRead);
    this.bytesRead += length;
    buffer.end += length;
    return length > 0;
  }

  async close(): Promise<void> {
    fs.closeSync(this.#fd);
  }
}

/** A stream, or a generator of chunks. */
export class StreamSource implements Source {
  readonly isFile = false;
  readonly totalBytes = undefined;
  bytesRead = 0;
  readonly #origin: Readable | AsyncGenerator<Buffer>;
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(origin: Readable | AsyncGenerator<Buffer>) {
    this.#origin = origin;
    this.#chunks = origin[Symbol.asyncIterator]();
  }

  async fill(buffer: ReadBuffer): Promise<boolean> {
    while (this.#at === this.#chunk.length) {
      const { done, value } = await this.#chunks.next();
      if (done) return false;
      this.bytesRead += value.length;
      this.#chunk = value;
      this.#at = 0;
    }
    this.#at += buffer.append(this.#chunk, this.#at);
    return true;
  }

  async close(): Promise<void> {
    // A stream's iterator would first wait for the chunk it was asked for.
    if (this.#origin instanceof Readable) this.#origin.destroy();
    else await this.#chunks.return?.();
  }
}

/** How a source is read, see ReadOptions. */
interface SourceOptions {
  readonly input?: Readable | undefined;
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens `path`; `-` is `input`.
 * @throws CaptureError where there is nothing to read: no such file, no permission, a directory
 */
export async function openSource(path: string, options: SourceOptions = {}): Promise<Source> {
  const { input, limit = Number.POSITIVE_INFINITY, signal } = options;
  if (path === '-') return streamSource(input ?? standardInput(), signal);
  let fd: number;
  try {
    fd = await promisify(fs.open)(path, 'r');
  } catch (error) {
    throw readError(path, 0, error);
  }
  const stat = fs.fstatSync(fd);
  if (stat.isFile()) return new FileSource(fd, stat.size, limit);
  if (stat.isDirectory()) {
    fs.closeSync(fd);
    throw readError(path, 0, { code: 'EISDIR' });
  }
  // As a socket a pipe waits without a thread and can be closed while it waits.
  const stream = stat.isFIFO()
    ? new Socket({ fd, readable: true, writable: false })
    : fs.createReadStream(path, { fd });
  return streamSource(stream, signal);
}

function streamSource(stream: Readable, signal: AbortSignal | undefined): Source {
  return new StreamSource(signal === undefined ? stream : addAbortSignal(signal, stream));
}

function standardInput(): Readable {
  if (!process.stdin.isTTY) return process.stdin;
  throw new CaptureError('-', 0, 'standard input is a terminal, pipe a capture into it');
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'is a directory',
};

/** What made opening, reading or decompressing fail, as the error of the capture. */
export function readError(path: string, offset: number, error: unknown): CaptureError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new CaptureError(path, offset, REASONS[code ?? ''] ?? message, code);
}
