import type { WriteStream } from 'node:tty';
import { type Style, styles } from '../report/style.ts';

const OUTPUTS = [process.stdout, process.stderr];

/** Characters gathered before they are written. */
const CHUNK = 1 << 16;

/** Writes pieces of text to standard output, waiting for whoever reads it. */
export async function print(pieces: Iterable<string>): Promise<void> {
  let chunk = '';
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK) continue;
    await write(chunk);
    chunk = '';
  }
  await write(chunk);
}

function write(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}

/** What a write says where nobody reads any more: a pipe is closed, a terminal is gone. */
const UNREAD = ['EPIPE', 'EIO'];

/** A reader that has seen enough (`| head`) is no error: the process ends, quietly. */
export function quietBrokenPipe(): void {
  for (const stream of OUTPUTS) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!UNREAD.includes(error.code ?? '')) throw error;
      // Who else hears it ends in order.
      if (stream.listenerCount('error') === 1) process.exit();
    });
  }
}

/** Where no reader is left, `end` is called instead, again with each write. Returns a function that ends this. */
export function onBrokenPipe(end: () => void): () => void {
  for (const stream of OUTPUTS) stream.on('error', end);
  return () => {
    for (const stream of OUTPUTS) stream.off('error', end);
  };
}

/** Colours where they are wanted: on a terminal, unless NO_COLOR is set (no-color.org) or it is a dumb one. */
export function styleFor(stream: WriteStream): Style {
  const { NO_COLOR, TERM } = process.env;
  return styles(isTerminal(stream) && !NO_COLOR && TERM !== 'dumb');
}

/** How text is laid out on standard output: cut to the width only where that is a terminal. */
export function outputLayout(): { terminal: boolean; width: number | undefined; style: Style } {
  const terminal = isTerminal(process.stdout);
  const width = terminal ? process.stdout.columns || undefined : undefined;
  return { terminal, width, style: styleFor(process.stdout) };
}

/** Whether people look at it; a stream that is none has no `isTTY` at all. */
export function isTerminal(stream: WriteStream): boolean {
  return stream.isTTY === true;
}
