import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach } from 'vitest';
import { temporaryFolder } from '../record/database.ts';
import { MAIN, type Outcome, ROOT } from './finwait.ts';

// `finwait live` as a process of its own, to be talked to while it runs.

const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** The bytes of a recorded capture. */
export function captured(name: string): Buffer {
  return readFileSync(join(ROOT, 'captures', name));
}

/** What is said at the end of a stream, as its sender alone knows what it has lost. */
export const LOST_UNKNOWN = 'finwait: packets lost: not known, as a stream does not tell\n';

/** What the tests read of a line of `live`. */
export interface LiveLine {
  at_us: number;
  packets: number;
  flows: number;
  open_flows: number;
  client: Record<string, number>;
  server: Record<string, number>;
  closes_total: Record<string, number>;
  memory_bytes: number;
}

/** A running `finwait live`. */
export class LiveRun {
  readonly child: ChildProcess;
  readonly folder: string;
  stdout = '';
  stderr = '';
  readonly #closed: Promise<number | null>;
  #heard = 0;

  /** @param program what runs finwait: `ip netns exec NAMESPACE` before it, say */
  constructor(
    words: readonly string[],
    {
      folder = temporaryFolder(),
      before = [],
      ...options
    }: SpawnOptions & { folder?: string; before?: string[] } = {},
  ) {
    this.folder = folder;
    const [program, ...rest] = [...before, process.execPath, MAIN, 'live', ...words];
    this.child = spawn(program!, rest, { cwd: folder, ...options });
    running.push(this.child);
    this.child.stdin?.on('error', () => {});
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#closed = once(this.child, 'close').then(([code]) => code as number | null);
  }

  /** Puts bytes on its standard input. */
  send(bytes: Uint8Array): void {
    this.child.stdin!.write(bytes);
  }

  /** The lines of standard output so far. */
  get lines(): LiveLine[] {
    return this.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  /** Waits for a line of standard output, further on than those asked for before, of which `holds` is true. */
  async line(holds: (line: LiveLine) => boolean = () => true): Promise<LiveLine> {
    for (;;) {
      const { lines } = this;
      for (; this.#heard < lines.length; this.#heard++) {
        const line = lines[this.#heard]!;
        if (!holds(line)) continue;
        this.#heard++;
        return line;
      }
      const more = await Promise.race([once(this.child.stdout!, 'data'), this.#closed]);
      if (!Array.isArray(more)) throw new Error(`ended before such a line: ${this.stderr}`);
    }
  }

  /** Waits until what it has said on standard error matches. */
  async says(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.stderr)) {
      const more = await Promise.race([once(this.child.stderr!, 'data'), this.#closed]);
      if (!Array.isArray(more)) throw new Error(`ended before it said that: ${this.stderr}`);
    }
  }

  /** Sends a signal and waits for the end. */
  async end(signal?: NodeJS.Signals): Promise<Outcome> {
    if (signal !== undefined) this.child.kill(signal);
    const code = await this.#closed;
    return { code, stdout: this.stdout, stderr: this.stderr };
  }
}

/** Waits until the database at a path answers `sql` with what `holds` is true of. */
export async function answer<T>(path: string, sql: string, holds: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = ask<T>(path, sql);
    if (value !== undefined && holds(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A value out of a database that may not be there yet. */
export function ask<T>(path: string, sql: string): T | undefined {
  if (!readdirSync(dirname(path)).includes(path.slice(dirname(path).length + 1))) return undefined;
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare<[], T>(sql).pluck().get();
  } catch {
    return undefined;
  } finally {
    db.close();
  }
}

/** What SQLite says of the database at a path: `ok` where it is sound. */
export function integrityOf(path: string): unknown {
  const db = new Database(path, { readonly: true });
  try {
    return db.pragma('integrity_check', { simple: true });
  } finally {
    db.close();
  }
}
