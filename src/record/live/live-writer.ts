import { existsSync, realpathSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { KernelSample } from '../../capture/kernel/kernel-sampler.ts';
import { formatAddress } from '../../decode/address.ts';
import { type FlowBatch, HISTORY_LENGTH } from '../../flow/format/batch.ts';
import { ROW_COLUMNS, ROW_WIDTH, SEGMENT_WIDTH } from '../../flow/format/columns.ts';
import { errorParts, StoreError } from '../files/error.ts';
import { checkSidecars } from '../files/owner.ts';
import { createFile, putInPlace } from '../files/place.ts';
import { takeOver } from '../files/take-over.ts';
import { checkTarget } from '../files/target.ts';
import { removeTemporary, temporaryFor } from '../files/temporary.ts';
import { KernelWriter } from '../kernel/kernel-writer.ts';
import type { CaptureMessage } from '../rows/capture-row.ts';
import { insertCaptures } from '../rows/captures-table.ts';
import { type IdOffsets, idOffsetsOf, rebase } from '../rows/id-offsets.ts';
import { segmentsJson } from '../rows/segments-json.ts';
import { checkWritable, openChecked } from './check-schema.ts';
import { fromLive, toLive } from './live-layout.ts';
import { CREATE_LIVE_SCHEMA } from './live-schema.ts';

/** How long those who read may keep the end of a capture waiting, in ms. */
const BUSY_TIMEOUT_MS = 500;

/**
 * Writes a live capture into a database that others read meanwhile: by WAL, a transaction from one
 * commit to the next. What is committed survives the death of this process.
 */
export class LiveWriter {
  readonly #db: Database.Database;
  readonly #bases: IdOffsets;
  readonly #insertFlow: Database.Statement;
  readonly #insertAddress: Database.Statement;
  #kernel: KernelWriter | undefined;

  /** @param path an empty file; with `append` one of our databases, finished or left by a killed capture */
  constructor(path: string, append: boolean) {
    if (append) {
      takeOver(path);
      openChecked(path, { readonly: true }, (found) => checkWritable(found, path)).close();
    } else createLive(path);
    makeSidecars(realpathSync(path));
    const db = new Database(path);
    this.#db = db;
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    if (append) toLive(db);
    this.#bases = idOffsetsOf(path);
    const names = ['id', ...ROW_COLUMNS.map(({ name }) => name), 'zeek_history', 'segments'];
    this.#insertFlow = db.prepare(
      `INSERT OR REPLACE INTO live_flows (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    );
    this.#insertAddress = db.prepare('INSERT INTO addresses (id, ip) VALUES (?, ?)');
    db.exec('BEGIN IMMEDIATE');
  }

  /** Adds the rows of a batch, or puts them in the place of those with the same numbers. The batch is changed on the way. */
  write(batch: FlowBatch): void {
    const { rows, segments, segmentCounts, histories, ids, addresses } = batch;
    const { words, firstId } = addresses;
    for (let i = 0; i < addresses.count; i++) {
      const ip = formatAddress(words[i * 4]!, words[i * 4 + 1]!, words[i * 4 + 2]!, words[i * 4 + 3]!);
      this.#insertAddress.run(this.#bases.address + firstId + i, ip);
    }
    let segment = 0;
    for (let i = 0; i < batch.count; i++) {
      rebase(rows, i * ROW_WIDTH, this.#bases);
      const values: (number | string | null)[] = [this.#bases.flow + ids![i]! - 1];
      for (let c = i * ROW_WIDTH; c < (i + 1) * ROW_WIDTH; c++) {
        values.push(Number.isSafeInteger(rows[c]) ? rows[c]! : null);
      }
      values.push(historyText(histories, i * HISTORY_LENGTH));
      values.push(segmentsJson(segments, segment, segmentCounts[i]!, this.#bases.frame));
      this.#insertFlow.run(values);
      segment += segmentCounts[i]! * SEGMENT_WIDTH;
    }
  }

  /** Adds a reading of the kernel's sockets. */
  kernel(sample: KernelSample): void {
    this.#kernel ??= new KernelWriter(this.#db, this.#bases.capture);
    this.#kernel.write(sample);
  }

  /** Makes what was written visible to others, as it stands at `nowUs`. */
  commit(captures: readonly CaptureMessage[], nowUs: number): void {
    this.#db.prepare('UPDATE live SET now_us = ?').run(nowUs);
    this.#writeCaptures(captures);
    this.#kernel?.link();
    this.#db.exec('COMMIT; BEGIN IMMEDIATE');
  }

  /**
   * Ends the capture: all rows are final. The database is a single file like any other afterwards, or
   * when the last of those who have it open closes it.
   */
  finish(captures: readonly CaptureMessage[], nowUs: number): void {
    this.commit(captures, nowUs);
    this.#db.exec('COMMIT');
    fromLive(this.#db);
    this.#leaveWal();
    this.#db.close();
  }

  #leaveWal(): void {
    this.#db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    try {
      this.#db.pragma('journal_mode = DELETE');
    } catch (error) {
      if (errorParts(error).code !== 'SQLITE_BUSY') throw error;
      this.#db.pragma('wal_checkpoint(TRUNCATE)');
    }
  }

  #writeCaptures(captures: readonly CaptureMessage[]): void {
    this.#db.prepare('DELETE FROM captures WHERE id >= ?').run(this.#bases.capture);
    insertCaptures(this.#db, captures, this.#bases);
  }
}

/** An empty database takes the place of the empty file at once: who opens it finds it complete. */
function createLive(path: string): void {
  const target = checkTarget(path, false);
  const temporary = temporaryFor(target.path);
  try {
    const db = new Database(temporary);
    db.transaction(() => db.exec(CREATE_LIVE_SCHEMA))();
    db.close();
    if (target.exists || !putInPlace(temporary, target)) {
      throw new StoreError(path, 'was changed meanwhile; left alone');
    }
  } finally {
    removeTemporary(temporary);
  }
}

/** Made by us, new, they are nobody else's: SQLite would take those that another user has put there just now. */
function makeSidecars(path: string): void {
  for (const suffix of ['-wal', '-shm']) {
    if (!existsSync(path + suffix)) createFile(path + suffix);
  }
  checkSidecars(path);
}

function historyText(histories: Uint8Array, from: number): string {
  let end = from;
  while (end < from + HISTORY_LENGTH && histories[end] !== 0) end++;
  return String.fromCharCode(...histories.subarray(from, end));
}
