import type { Readable } from 'node:stream';
import { CaptureError } from '../base/error.ts';
import type { OnFrame } from '../base/frame.ts';
import type { CaptureSummary } from '../base/summary.ts';
import { type Compression, decompress } from './decompress.ts';
import type { Parser } from './parser.ts';
import { PcapParser } from './pcap.ts';
import { FILE_HEADER_LENGTH } from './pcap-header.ts';
import { PcapStreamParser } from './pcap-stream.ts';
import { PcapngParser } from './pcapng.ts';
import { ReadBuffer } from './read-buffer.ts';
import { HEAD_LENGTH, sniff } from './sniff.ts';
import { openSource, readError, type Source, StreamSource } from './source.ts';
import { Tally } from './tally.ts';

/** What reading a capture heeds on its way. */
export interface ReadOptions {
  /** What the path `-` reads; standard input if not given. */
  readonly input?: Readable | undefined;
  /** Reads no more bytes of a file than that. */
  readonly limit?: number | undefined;
  /** Stops reading between two blocks: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called once per block, with bytes as they lie in the file; a stream has no total. */
  readonly onProgress?: ((bytesRead: number, totalBytes: number | undefined) => void) | undefined;
  /** Asked once per block: reading goes on when the promise has settled. */
  readonly hold?: (() => Promise<void>) | undefined;
}

/**
 * Reads a capture to its end: pcap or pcapng, plain or compressed, recognised by content.
 *
 * @param path a file, or `-` for standard input
 * @param onFrame called in file order; what it throws comes out of the promise unchanged
 * @returns what the capture was, with `damage` set if it is cut or damaged after its header
 * @throws CaptureError where nothing could be read
 */
export async function readCapture(
  path: string,
  onFrame: OnFrame,
  options: ReadOptions = {},
): Promise<CaptureSummary> {
  options.signal?.throwIfAborted();
  const source = await openSource(path, options);
  const between = async () => {
    options.onProgress?.(source.bytesRead, source.totalBytes);
    await options.hold?.();
    options.signal?.throwIfAborted();
  };
  try {
    return await readSource(source, { path, onFrame, between, signal: options.signal });
  } finally {
    await source.close();
  }
}

interface Reading {
  readonly path: string;
  readonly onFrame: OnFrame;
  /** What is due between two blocks. */
  readonly between: () => Promise<void>;
  readonly signal: AbortSignal | undefined;
}

async function readSource(
  source: Source,
  reading: Reading,
  compression?: Compression,
): Promise<CaptureSummary> {
  const { path, onFrame } = reading;
  const buffer = new ReadBuffer(path);
  while (buffer.unread.length < HEAD_LENGTH && (await fill(source, buffer, reading)));
  const content = sniff(buffer.unread);
  if (content.kind === 'refused') throw new CaptureError(path, 0, content.reason);

  if (content.kind === 'compressed') {
    if (compression !== undefined) {
      throw new CaptureError(path, 0, `${content.compression} inside ${compression}: decompress it first`);
    }
    const inner = new StreamSource(decompress(content.compression, chunks(source, buffer)));
    try {
      return await readSource(inner, reading, content.compression);
    } finally {
      await inner.close();
    }
  }

  const tally = new Tally();
  let parser: Parser;
  if (content.kind === 'pcapng') {
    parser = new PcapngParser(onFrame, tally);
  } else {
    // A stream goes through pcap-parser; what is decompressed comes in chunks that can be walked.
    const Pcap = source.isFile || compression !== undefined ? PcapParser : PcapStreamParser;
    parser = new Pcap(content.header, onFrame, tally);
    buffer.start += FILE_HEADER_LENGTH;
  }
  const damage = await parseAll(source, buffer, parser, reading);
  if (damage !== null && !parser.begun) throw damage;
  const format = compression === undefined ? parser.format : `${parser.format}+${compression}`;
  return tally.summary(path, format, damage);
}

/** The main loop; the buffer may hold the capture's beginning already. Returns the damage that ended it. */
async function parseAll(
  source: Source,
  buffer: ReadBuffer,
  parser: Parser,
  reading: Reading,
): Promise<CaptureError | null> {
  try {
    do {
      parser.parse(buffer);
      await reading.between();
      buffer.reserve(parser.need);
    } while (await fill(source, buffer, reading));
  } catch (error) {
    if (error instanceof CaptureError) return error;
    throw error;
  }
  const rest = buffer.unread.length;
  if (rest === 0) return null;
  return buffer.damage(buffer.start, `ends inside ${parser.awaited}: ${rest} of ${parser.need} bytes`);
}

async function fill(source: Source, buffer: ReadBuffer, { signal }: Reading): Promise<boolean> {
  try {
    return await source.fill(buffer);
  } catch (error) {
    // The signal closes a stream, which then fails in words of its own.
    signal?.throwIfAborted();
    throw readError(buffer.path, buffer.offset(buffer.start), error);
  }
}

/** The source's bytes as chunks of their own, those in the buffer first. */
async function* chunks(source: Source, buffer: ReadBuffer): AsyncGenerator<Buffer, void> {
  do {
    yield Buffer.from(buffer.unread);
    buffer.start = buffer.end;
    buffer.reserve(0);
  } while (await source.fill(buffer));
}
