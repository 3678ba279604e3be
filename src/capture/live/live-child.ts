import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { PassThrough, type Readable, type Writable } from 'node:stream';

/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** What waits here for its reader, beside what waits in the pipe. */
const STREAM_BYTES = 1 << 20;

/** Characters kept of what a child says. */
const SAID_LIMIT = 8192;

/** A process that writes a pcap stream to its standard output; Ctrl-C at the terminal does not reach it. */
export class LiveChild {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** What it writes. It is read from the start: Node.js throws away what a process that ends has left unread. */
  readonly stream = new PassThrough({ highWaterMark: STREAM_BYTES });
  /** Rejects where the program cannot be started. */
  readonly exited: Promise<Exit>;
  /** What it has said on standard error: the last of it. */
  said = '';
  /** How many characters it has said in all. */
  saidLength = 0;
  readonly #listeners = new Set<() => void>();
  readonly #killAtExit = () => void this.#child.kill('SIGTERM');

  constructor(program: string, words: readonly string[]) {
    // tcpdump often lies where only root looks.
    const path = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
    this.#child = spawn(program, words, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, PATH: path, LC_ALL: 'C' },
      detached: true,
    });
    this.#child.stdin.on('error', () => {});
    this.#child.stdout.on('error', (error) => this.stream.destroy(error)).pipe(this.stream);
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.said = (this.said + text).slice(-SAID_LIMIT);
      this.saidLength += text.length;
      for (const hear of this.#listeners) hear();
    });
    process.on('exit', this.#killAtExit);
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      // When all it said has been heard; its output may still be unread.
      const heard = new Promise((end) => this.#child.stderr.once('close', end));
      this.#child.once('exit', (code, signal) => heard.then(() => resolve({ code, signal })));
    });
    this.exited.catch(() => {}).finally(() => process.off('exit', this.#killAtExit));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** What it has said since `saidLength` was `length`: the last of it. */
  saidSince(length: number): string {
    return this.saidLength === length ? '' : this.said.slice(-(this.saidLength - length));
  }

  /** Closes its standard input. */
  closeInput(): void {
    this.#child.stdin.end();
  }

  /** Resolves with true as soon as `isIt` holds for what it has said, with false when it ends before. */
  async hears(isIt: (said: string) => boolean): Promise<boolean> {
    if (isIt(this.said)) return true;
    let hear = () => {};
    const heard = new Promise<true>((resolve) => {
      hear = () => isIt(this.said) && resolve(true);
      this.#listeners.add(hear);
    });
    try {
      return await Promise.race([heard, this.exited.then(() => isIt(this.said))]);
    } finally {
      this.#listeners.delete(hear);
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
