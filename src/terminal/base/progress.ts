import type { WriteStream } from 'node:tty';
import { cutText, printable } from '../../report/text.ts';
import { count } from '../../report/units.ts';
import type { Progress } from '../../run/pipeline.ts';
import { isTerminal } from './output.ts';

const REDRAW_MS = 100;
const BAR_WIDTH = 20;
const TO_LINE_START = '\r\x1b[K';

/** One line at the bottom of a terminal, redrawn ten times a second at most; nothing anywhere else. */
export class ProgressLine {
  readonly #stream: WriteStream;
  readonly #started = performance.now();
  #drawn = 0;

  constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  update(progress: Progress): void {
    const now = performance.now();
    if (!isTerminal(this.#stream) || now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    const line = progressText(progress, (now - this.#started) / 1000);
    this.#stream.write(TO_LINE_START + cutText(line, this.#stream.columns - 1));
  }

  /** Leaves no trace. */
  erase(): void {
    if (this.#drawn > 0) this.#stream.write(TO_LINE_START);
    this.#drawn = 0;
  }
}

/** The line after `seconds` of work. */
function progressText({ bytes, totalBytes, frames, file }: Progress, seconds: number): string {
  const rate = `${count(frames)} frames, ${count(Math.round(frames / seconds))}/s`;
  if (!totalBytes) return `${megabytes(bytes)}  ${rate}  ${printable(file)}`;
  const share = Math.min(1, bytes / totalBytes);
  const done = Math.floor(share * BAR_WIDTH);
  const bar = '█'.repeat(done) + '░'.repeat(BAR_WIDTH - done);
  return `${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${rate}  ${printable(file)}`;
}

function megabytes(bytes: number): string {
  return `${count(Math.round(bytes / 1e6))} MB`;
}
