import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { PassThrough, type Readable, type Writable } from 'node:stream';

/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** What waits here for its reader, beside what waits in the pipe. */
const STREAM_BYTES = 1 << 20;

/** Characters kept of what a child writes to standard error. */
const STDERR_LIMIT = 8192;

/** A process that writes a pcap stream to its standard output; Ctrl-C at the terminal does not reach it. */
export class LiveChild {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** What it writes. It is read from the start: Node.js throws away what a process that ends has left unread. */
  readonly stream = new PassThrough({ highWaterMark: STREAM_BYTES });
  /** Rejects if the program cannot be started. */
  readonly exited: Promise<Exit>;
  /** The last of what it has written to standard error. */
  stderr = '';
  /** How many characters it has written to it in all. */
  stderrLength = 0;
  readonly #listeners = new Set<() => void>();
  readonly #killAtExit = () => void this.#child.kill('SIGTERM');

  constructor(program: string, args: readonly string[]) {
    // tcpdump often lies where only root looks.
    const path = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
    this.#child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, PATH: path, LC_ALL: 'C' },
      detached: true,
    });
    this.#child.stdin.on('error', () => {});
    this.#child.stdout.on('error', (error) => this.stream.destroy(error)).pipe(this.stream);
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-STDERR_LIMIT);
      this.stderrLength += text.length;
      for (const listener of this.#listeners) listener();
    });
    process.on('exit', this.#killAtExit);
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      // Its standard error is read to the end by then; its output may still be unread.
      const closed = new Promise((end) => this.#child.stderr.once('close', end));
      this.#child.once('exit', (code, signal) => closed.then(() => resolve({ code, signal })));
    });
    this.exited.catch(() => {}).finally(() => process.off('exit', this.#killAtExit));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** It has been stopped (SIGSTOP, a debugger) and not continued; false where the system does not tell. */
  get isStopped(): boolean {
    try {
      // The state stands behind the name, which is in brackets and may hold any.
      return /^\) [Tt]/.test(readFileSync(`/proc/${this.pid}/stat`, 'latin1').replace(/^.*(?=\) )/s, ''));
    } catch {
      return false;
    }
  }

  /** Gives up one that cannot even be killed: its stream ends as if it had. */
  abandon(): void {
    this.#child.stdout.unpipe(this.stream);
    this.stream.end();
    this.#child.unref();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The last of what it has written to standard error since `stderrLength` was `length`. */
  stderrSince(length: number): string {
    return this.stderrLength === length ? '' : this.stderr.slice(-(this.stderrLength - length));
  }

  /** Closes its standard input. */
  closeInput(): void {
    this.#child.stdin.end();
  }

  /** Resolves with true as soon as `isIt` holds for its standard error, with false when it ends before. */
  async waitForStderr(isIt: (stderr: string) => boolean): Promise<boolean> {
    if (isIt(this.stderr)) return true;
    let listener = () => {};
    const found = new Promise<true>((resolve) => {
      listener = () => isIt(this.stderr) && resolve(true);
      this.#listeners.add(listener);
    });
    try {
      return await Promise.race([found, this.exited.then(() => isIt(this.stderr))]);
    } finally {
      this.#listeners.delete(listener);
    }
  }

  /** Resolves with true when the first bytes are there to read, with false when it ends before. */
  async begins(): Promise<boolean> {
    const { stream } = this;
    if (stream.readableLength > 0) return true;
    let begin = () => {};
    const begun = new Promise<true>((resolve) => {
      begin = () => stream.readableLength > 0 && resolve(true);
      stream.on('readable', begin);
    });
    try {
      return await Promise.race([begun, this.exited.then(() => stream.readableLength > 0)]);
    } finally {
      stream.off('readable', begin);
    }
  }
}
