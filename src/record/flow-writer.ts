import type Database from 'better-sqlite3';
import { formatAddress } from '../decode/address.ts';
import { type FlowBatch, HISTORY_LENGTH } from '../flow/batch.ts';
import { columnIndex, ROW_COLUMNS, ROW_WIDTH, SEGMENT_WIDTH } from '../flow/columns.ts';
import type { CaptureMessage } from './messages.ts';
import { CREATE_INDEXES, CREATE_SCHEMA } from './schema.ts';
import { SegmentsJson } from './segments-json.ts';
import { Shapes } from './shapes.ts';

const CAPTURE = columnIndex('capture_id');
const CLIENT_ADDRESS = columnIndex('client_address');
const SERVER_ADDRESS = columnIndex('server_address');
const FRAMES = ROW_COLUMNS.flatMap((column, i) => (column.kind === 'frame' ? [i] : []));

/**
 * Writes batches into a database file that nobody else knows yet: one transaction, no journal, no
 * syncing, because a file that fails is thrown away. Numbers of a database that is appended to go on.
 */
export class FlowWriter {
  readonly #db: Database.Database;
  readonly #shapes: Shapes;
  readonly #address: Database.Statement<[number, string]>;
  readonly #segments = new SegmentsJson();
  /** What the run's own numbers, from 0, are moved up by. */
  readonly #captureBase: number;
  readonly #addressBase: number;
  readonly #frameBase: number;

  /** @param db an empty database, or with `append` one of ours. */
  constructor(db: Database.Database, append: boolean) {
    this.#db = db;
    for (const setting of ['journal_mode = OFF', 'synchronous = OFF', 'locking_mode = EXCLUSIVE'])
      db.pragma(setting);
    db.exec('BEGIN');
    if (!append) db.exec(CREATE_SCHEMA);
    const next = (sql: string) => Number(db.prepare(sql).pluck().get());
    this.#captureBase = next('SELECT coalesce(max(id), 0) + 1 FROM captures');
    this.#addressBase = next('SELECT coalesce(max(id) + 1, 0) FROM addresses');
    this.#frameBase = next('SELECT coalesce(max(frame_base + frames), 0) FROM captures');
    this.#shapes = new Shapes(db);
    this.#address = db.prepare('INSERT INTO addresses (id, ip) VALUES (?, ?)');
  }

  /** Inserts a batch. Its rows are changed on the way. */
  write(batch: FlowBatch): void {
    this.#writeAddresses(batch);
    const { rows, segments, segmentCounts } = batch;
    const histories = Buffer.from(
      batch.histories.buffer,
      batch.histories.byteOffset,
      batch.histories.byteLength,
    );
    let segment = 0;
    for (let i = 0, at = 0; i < batch.count; i++, at += ROW_WIDTH) {
      this.#moveUp(rows, at);
      const { columns, values, insert } = this.#shapes.of(rows, at);
      const width = columns.length;
      for (let c = 0; c < width; c++) {
        const value = rows[at + columns[c]!]!;
        values[c] = Number.isNaN(value) ? null : value;
      }
      const count = segmentCounts[i]!;
      values[width] = historyText(histories, i * HISTORY_LENGTH);
      values[width + 1] = this.#segments.text(segments, segment, count, this.#frameBase);
      insert.run(values);
      segment += count * SEGMENT_WIDTH;
    }
  }

  /** Adds the captures, makes the indexes and closes the file. */
  finish(captures: readonly CaptureMessage[]): void {
    const insert = this.#db.prepare(
      `INSERT INTO captures (id, path, format, link_types, first_us, last_us, frames, tcp_segments, skipped,
         truncated, damage, damage_offset, frame_base) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    captures.forEach((capture, i) => {
      const { damage } = capture;
      insert.run(
        this.#captureBase + i,
        capture.path,
        capture.format,
        JSON.stringify(capture.linkTypes),
        nullable(capture.firstUs),
        nullable(capture.lastUs),
        capture.frames,
        capture.tcpSegments,
        JSON.stringify(capture.skipped),
        Number(damage !== null),
        damage?.reason ?? null,
        damage?.offset ?? null,
        this.#frameBase + capture.frameBase,
      );
    });
    for (const index of CREATE_INDEXES) this.#db.exec(index);
    this.#db.exec('COMMIT');
    this.#db.close();
  }

  #writeAddresses({ addresses }: FlowBatch): void {
    const { words, firstId, count } = addresses;
    for (let i = 0, w = 0; i < count; i++, w += 4) {
      const ip = formatAddress(words[w]!, words[w + 1]!, words[w + 2]!, words[w + 3]!);
      this.#address.run(this.#addressBase + firstId + i, ip);
    }
  }

  /** Turns the numbers of the run into numbers of the database. */
  #moveUp(rows: Float64Array, at: number): void {
    rows[at + CAPTURE]! += this.#captureBase;
    rows[at + CLIENT_ADDRESS]! += this.#addressBase;
    rows[at + SERVER_ADDRESS]! += this.#addressBase;
    if (this.#frameBase > 0) for (const frame of FRAMES) rows[at + frame]! += this.#frameBase;
  }
}

/** Latin-1 text that ends at a 0 or after HISTORY_LENGTH letters. */
function historyText(histories: Buffer, at: number): string {
  let end = at;
  while (end < at + HISTORY_LENGTH && histories[end] !== 0) end++;
  return histories.toString('latin1', at, end);
}

function nullable(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
