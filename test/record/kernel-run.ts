import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import type { KernelSocketRow } from '../../src/capture/kernel/kernel-socket-watch.ts';
import { LiveWriter } from '../../src/record/live/live-writer.ts';
import { batchOf, captureOf, type Flow, NOON } from './batches.ts';
import { opened, temporaryFolder } from './database.ts';

// A live database by hand: flows, and what the kernel says of its sockets.

export const second = 1_000_000;
/** The client of FIN_FLOW, whose TIME_WAIT began 4 s after NOON. */
export const CLIENT = {
  words: [0, 0, 0xffff, 0x0a_00_00_01],
  port: 40_000,
} satisfies KernelSocketRow['local'];
export const SERVER = { words: [0, 0, 0xffff, 0x0a_00_00_02], port: 80 } satisfies KernelSocketRow['local'];

/** Seconds after NOON. */
export const at = (seconds: number) => NOON + seconds * second;

/** That of FIN_FLOW's client, in TIME_WAIT. */
export function socket(row: Partial<KernelSocketRow> = {}): KernelSocketRow {
  return {
    ...{
      id: 1,
      local: CLIENT,
      peer: SERVER,
      state: 'TIME_WAIT',
      firstSeenUs: at(4.2),
      lastSeenUs: Number.NaN,
    },
    ...{ goneUs: Number.NaN, timer: 'time-wait', timerUs: 59_800_000, uid: 33, inode: 0, inBacklog: false },
    ...{ owner: { pid: 7, program: 'nginx' }, unsent: 0, unread: 0, ...row },
  };
}

/** A capture that is written in this thread. */
export class Run {
  path = join(temporaryFolder(), 'live.sqlite');
  #writer: LiveWriter;
  #addresses = 0;

  constructor() {
    writeFileSync(this.path, '');
    this.#writer = new LiveWriter(this.path, false);
  }

  /** The same database, by another capture. */
  again(): void {
    this.#writer = new LiveWriter(this.path, true);
  }

  /** What is on the disk is all that is left. */
  kill(): void {
    const left = join(temporaryFolder(), 'killed.sqlite');
    for (const suffix of ['', '-wal']) copyFileSync(this.path + suffix, left + suffix);
    this.path = left;
  }

  flows(...flows: Flow[]): this {
    const batch = batchOf(flows, this.#addresses);
    this.#addresses += batch.addresses.count;
    this.#writer.write({ ...batch, ids: Float64Array.from(flows, (_, i) => i + 1) });
    return this;
  }

  sample(seconds: number, ...rows: KernelSocketRow[]): this {
    this.#writer.kernel({ atUs: at(seconds), rows });
    return this;
  }

  commit(): Database.Database {
    this.#writer.commit([captureOf()], at(70));
    return opened(this.path);
  }

  finish(): Database.Database {
    this.#writer.finish([captureOf()], at(70));
    return opened(this.path);
  }
}
