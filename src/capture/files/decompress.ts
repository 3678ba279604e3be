import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';

/** The compressions captures come in. */
export type Compression = 'gzip' | 'zstd' | 'lz4' | 'xz';

/** Inflated bytes wait in memory for one slice of input: a thousandfold of this is the most. */
const SLICE = 32 * 1024;
const CHUNK = 64 * 1024;

/** A dictionary is as large as the file says: xz has no limit by itself, zstd has one. */
const MEMORY_LIMIT: Partial<Record<Compression, string>> = { xz: '256 MiB', zstd: '128 MiB' };
const XZ_OPT = '--memlimit-decompress=256MiB';
/** What they say of a file that asks for more. */
const WANTS_MORE = /memory usage limit|too much memory/i;

/** In Node versions newer than the oldest supported one. It ends with the first of several frames. */
const createZstd = (zlib as { createZstdDecompress?: () => Transform }).createZstdDecompress;

/**
 * The decompressed bytes of `compressed`. Where it is cut, all before the cut comes first, where it
 * is damaged all but the last CHUNK; then an Error that explains what is wrong. Ending the iteration early ends the
 * decompressor and `compressed`.
 */
export function decompress(
  compression: Compression,
  compressed: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void> {
  if (compression === 'gzip') {
    return throughCodec(compression, zlib.createGunzip({ chunkSize: CHUNK }), compressed);
  }
  return throughProgram(compression, compressed);
}

/**
 * A codec's own readable side drops what is not yet read when an error strikes, so its output is
 * collected here as it comes.
 */
async function* throughCodec(
  compression: Compression,
  codec: Transform,
  compressed: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void> {
  let output: Buffer[] = [];
  let failure: Error | undefined;
  let ended = false;
  let settle = () => {};
  codec.on('data', (chunk: Buffer) => output.push(chunk));
  codec.on('error', (error) => {
    failure = damaged(compression, error.message);
  });
  codec.on('end', () => {
    ended = true;
    settle();
  });
  codec.on('close', () => settle());
  const step = (act: (done: () => void) => void) =>
    new Promise<void>((resolve) => {
      settle = resolve;
      act(resolve);
    });
  const take = () => {
    const taken = output;
    output = [];
    return taken;
  };

  try {
    // While one slice is read, the next one is inflated in zlib's own thread.
    let inflating = Promise.resolve();
    const check = () => {
      if (failure !== undefined) throw failure;
      // Behind gzip's last member there is only padding.
      if (ended && compression === 'zstd') throw new Error(`several zstd frames: ${install('zstd')}`);
    };
    for await (const chunk of compressed) {
      for (let at = 0; at < chunk.length; at += SLICE) {
        await inflating;
        const taken = take();
        if (failure === undefined && !ended) {
          inflating = step((done) => codec.write(chunk.subarray(at, at + SLICE), () => done()));
        }
        yield* taken;
        check();
      }
    }
    await inflating;
    yield* take();
    check();
    if (!ended) await step(() => codec.end());
    yield* take();
    if (failure !== undefined) throw failure;
  } finally {
    codec.destroy();
  }
}

async function* throughProgram(
  program: Compression,
  compressed: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void> {
  const child = spawn(program, ['-dc'], { env: { ...process.env, LC_ALL: 'C', XZ_OPT } });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    await once(child, 'spawn');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    if (program === 'zstd' && createZstd !== undefined) {
      return yield* throughCodec(program, createZstd(), compressed);
    }
    throw new Error(`is compressed with ${program}: ${install(program)}`);
  }
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (complaint.length < 1000) complaint += text;
  });
  let failure: unknown;
  async function* watched() {
    try {
      yield* compressed;
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  // Neither our failure nor a child that stops reading is lost: `failure` and the exit code tell.
  pipeline(watched, child.stdin).catch(() => {});
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    await closed;
    if (failure !== undefined) throw failure;
    if (child.exitCode !== 0) throw complaintOf(program, complaint);
  } finally {
    child.kill('SIGKILL');
    await closed;
  }
}

function complaintOf(program: Compression, text: string): Error {
  if (WANTS_MORE.test(text)) {
    return new Error(
      `needs more than ${MEMORY_LIMIT[program]} of memory to be decompressed: run ${program} -d with a higher limit first`,
    );
  }
  return damaged(program, text.trim().split('\n').at(-1)!);
}

function install(program: Compression): string {
  return `install the ${program} program or decompress it first`;
}

function damaged(compression: Compression, detail: string): Error {
  return new Error(`the ${compression} data is cut or damaged (${detail})`);
}
