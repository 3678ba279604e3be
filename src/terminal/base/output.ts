import { fstatSync, writeSync } from 'node:fs';
import { isatty, type WriteStream } from 'node:tty';
import { systemReason } from '../../record/files/error.ts';
import { type Style, styles } from '../../report/style.ts';
import { EXIT, printError } from './exit.ts';

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

async function write(text: string): Promise<void> {
  if (isFile(process.stdout.fd)) return writeToFile(text);
  await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
}

/** Neither a pipe, a socket nor a terminal. */
function isFile(fd: number): boolean {
  const stat = fstatSync(fd);
  return stat.isFile() || (stat.isCharacterDevice() && !isatty(fd));
}

/** When the disk fills up, Node.js reports a partly written chunk as written. */
function writeToFile(text: string): void {
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) {
      const written = writeSync(process.stdout.fd, rest);
      if (written === 0) throw Object.assign(new Error('nothing is written'), { code: 'EIO' });
      rest = rest.subarray(written);
    }
  } catch (error) {
    process.stdout.emit('error', error);
  }
}

/**
 * Ends the process when standard output fails: quietly if its reader has left (`| head`), else with one line and
 * exit code 3. A failing standard error is ignored.
 */
export function endOnFailedOutput(): void {
  let isSaid = false;
  for (const stream of OUTPUTS) {
    stream.on('error', (error) => {
      if (!isUnread(error, stream)) {
        if (stream === process.stderr) return;
        if (!isSaid) printError(`standard output: ${systemReason(error)}; not all of it was written`);
        isSaid = true;
        process.exitCode = EXIT.badInput;
      }
      // Another listener ends the process in order.
      if (stream.listenerCount('error') === 1) process.exit();
    });
  }
}

/** Nobody reads any more: a pipe is closed, a terminal is gone. */
function isUnread({ code }: NodeJS.ErrnoException, stream: WriteStream): boolean {
  return code === 'EPIPE' || (code === 'EIO' && isTerminal(stream));
}

/**
 * When an output fails, `end` is called instead of ending the process, again with each write. Returns a function
 * that ends this.
 */
export function onFailedOutput(end: () => void): () => void {
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
