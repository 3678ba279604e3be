import { closeSync, constants, openSync, writeSync } from 'node:fs';

const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
const NOTHING = Buffer.alloc(0);

/**
 * Writes to a terminal without waiting for it: a terminal that stands still (Ctrl-S, a stalled ssh) must
 * not stop the capture. Nor is one that is gone an error here: the signal that follows ends the process.
 */
export class TerminalOutput {
  readonly #fd: number;
  /** The same terminal, opened once more, so that only our writes do not wait; else it is the same descriptor. */
  readonly #ours: number;
  #rest: Uint8Array = NOTHING;

  constructor(fd: number) {
    this.#fd = fd;
    this.#ours = reopened(fd) ?? fd;
  }

  /** Whether the terminal has taken all that was written. */
  isReady(): boolean {
    this.#send(this.#ours);
    return this.#rest.length === 0;
  }

  /** What the terminal does not take at once it gets with the next call. */
  write(text: string): void {
    this.#rest = Buffer.concat([this.#rest, Buffer.from(text)]);
    this.#send(this.#ours);
  }

  /** Waits until the terminal has taken the rest; nothing can be written after that. */
  close(): void {
    this.#send(this.#fd);
    if (this.#ours !== this.#fd) closeSync(this.#ours);
  }

  #send(fd: number): void {
    try {
      while (this.#rest.length > 0) this.#rest = this.#rest.subarray(writeSync(fd, this.#rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.#rest = NOTHING;
    }
  }
}

/** Undefined if there is no /proc, or the terminal is somebody else's (sudo, su). */
function reopened(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return undefined;
  }
}
