import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { afterEach } from 'vitest';
import { Tty } from './tty.ts';

/** How the terminal is set: what is typed is shown, and comes by the line. */
export interface Modes {
  echo: boolean;
  canonical: boolean;
}
/** How the program ended; the modes it left, unless the terminal was gone. */
export interface Ended extends Partial<Modes> {
  code: number | null;
  signal: string | null;
}
type Report = Partial<Ended> & { output?: string; stopped?: true; ended?: true; reading?: boolean };

const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** A program on a real terminal, whose screen is kept by a Tty. */
export class Pty {
  readonly tty: Tty;
  /** Lines of standard error. */
  readonly told: string[] = [];
  modes: Modes | undefined;
  isStopped = false;
  ended: Ended | undefined;
  readonly #child: ChildProcess;
  #reading = true;
  #failure: unknown;

  constructor(
    program: readonly string[],
    { columns = 80, rows = 24, stdin = 'terminal' }: { columns?: number; rows?: number; stdin?: string } = {},
  ) {
    this.tty = new Tty(columns, rows);
    const helper = [
      join(import.meta.dirname, 'run-on-pty.py'),
      String(columns),
      String(rows),
      stdin,
      ...program,
    ];
    this.#child = spawn('python3', helper, { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
    running.push(this.#child);
    this.#child.on('close', () => {
      if (this.ended === undefined) this.#failure = new Error(`the helper ended: ${this.told.join('; ')}`);
      this.#child.emit('news');
    });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#take(JSON.parse(line)));
    createInterface({ input: this.#child.stderr! }).on('line', (line) => {
      this.told.push(line);
      this.#child.emit('news');
    });
  }

  #take({
    output,
    stopped,
    ended,
    reading = this.#reading,
    code = null,
    signal = null,
    ...modes
  }: Report): void {
    try {
      if (output !== undefined) this.tty.write(Buffer.from(output, 'base64').toString());
    } catch (error) {
      this.#failure = error;
    }
    if (modes.echo !== undefined && modes.canonical !== undefined)
      this.modes = { echo: modes.echo, canonical: modes.canonical };
    this.#reading = reading;
    if (stopped) this.isStopped = true;
    if (ended) this.ended = { code, signal, ...modes };
    this.#child.emit('news');
  }

  /** Waits until something holds; the test's time limit ends it where it never does. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#failure !== undefined) throw this.#failure;
      await once(this.#child, 'news');
    }
  }

  /** How the terminal is set now. */
  async modesNow(): Promise<Modes> {
    this.modes = undefined;
    this.#order({ modes: true });
    await this.until(() => this.modes !== undefined);
    return this.modes!;
  }

  /** Waits for the end. */
  async end(): Promise<Ended> {
    await this.until(() => this.ended !== undefined);
    return this.ended!;
  }

  /** A line for the program's file descriptor 3. */
  tell(line: string): void {
    (this.#child.stdio[3] as Writable).write(`${line}\n`);
  }

  type(keys: string): void {
    this.#order({ keys });
  }

  kill(signal: NodeJS.Signals): void {
    this.#order({ signal });
  }

  resize(columns: number, rows: number): void {
    this.tty.resize(columns, rows);
    this.#order({ columns, rows });
  }

  /** Whether anybody takes what the program writes. */
  async setReading(reading: boolean): Promise<void> {
    this.#order({ reading });
    await this.until(() => this.#reading === reading);
  }

  /** The terminal goes away, as when a connection is lost. */
  hangUp(): void {
    this.#order({ hangup: true });
  }

  #order(order: object): void {
    this.#child.stdin!.write(`${JSON.stringify(order)}\n`);
  }
}
