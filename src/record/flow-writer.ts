// src/record, flows to SQLite. Its rooms import only from those before them:
// files, pages < schema < kernel, rows, timeline < thread < live < these files
// files: databases in the file system; pages: rows as b-tree pages; schema: tables and views; kernel: the socket
// table; rows: captures and numbers of a run; timeline: counts of states; thread: messages to the writer's thread;
// live: a database that grows.

import { formatAddress } from '../decode/address.ts';
import { type FlowBatch, HISTORY_LENGTH } from '../flow/format/batch.ts';
import {
  columnIndex,
  ROW_WIDTH,
  SEGMENT_WIDTH,
  STATE_TIMES,
  STATE_TIMES_WIDTH,
} from '../flow/format/columns.ts';
import { CLIENT, SERVER } from '../flow/format/words.ts';
import { MAX_ADDRESSES } from '../flow/rows/address-ids.ts';
import { openWithoutJournal } from './files/without-journal.ts';
import { fromLive, isLive } from './live/live-layout.ts';
import type { CellWriter } from './pages/cell-writer.ts';
import { PageFile } from './pages/page-file.ts';
import { TableLoader } from './pages/table-loader.ts';
import type { CaptureMessage } from './rows/capture-row.ts';
import { insertCaptures } from './rows/captures-table.ts';
import { deduplicateAddresses } from './rows/deduplicate-addresses.ts';
import { type IdOffsets, idOffsetsOf, rebase } from './rows/id-offsets.ts';
import { writeSegments } from './rows/segments-json.ts';
import { CREATE_INDEXES, CREATE_SCHEMA } from './schema/schema.ts';
import { countsJson, type Piece } from './timeline/timeline.ts';
import { TimelineBuilder } from './timeline/timeline-builder.ts';

/** Up to this count every address has one id: the numbering restarts at MAX_ADDRESSES, or up to one batch earlier. */
const UNIQUE_BELOW = MAX_ADDRESSES - 1024;

/** A page holds the longest row, so that none needs overflow pages. */
const PAGE_SIZE = 32_768;

/** Those that are filled page by page. */
const TABLES = ['flow_data', 'addresses', 'timeline'];

const FIRST = columnIndex('first');
const OBSERVED = columnIndex('observed');

/**
 * Writes the batches of a run into a new database file that nobody else knows yet. Rows go past
 * SQLite, straight into pages of its tables; all else is SQLite's work, before and after.
 */
export class FlowWriter {
  readonly #path: string;
  readonly #appendTo: string | undefined;
  readonly #bases: IdOffsets;
  readonly #file: PageFile;
  readonly #flows: TableLoader;
  readonly #addresses: TableLoader;
  readonly #timeline: TableLoader;
  readonly #builder: TimelineBuilder;
  #written = 0;
  #addressCount = 0;
  #pieces = 0;

  /**
   * @param path an empty file
   * @param appendTo a copy of one of our databases: finish() adds the run to it, the numbers of
   *   flows, captures, addresses and frames going on
   */
  constructor(path: string, appendTo?: string) {
    this.#path = path;
    this.#appendTo = appendTo;
    const run = openWithoutJournal(path);
    run.pragma(`page_size = ${PAGE_SIZE}`);
    run.exec(CREATE_SCHEMA);
    const rootOf = run.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck();
    const [flows, addresses, timeline] = TABLES.map((table) => Number(rootOf.get(table)));
    run.close();
    if (appendTo !== undefined) finishLive(appendTo);
    this.#bases = idOffsetsOf(appendTo ?? path);
    this.#file = new PageFile(path, PAGE_SIZE, appendTo === undefined ? undefined : Number.POSITIVE_INFINITY);
    this.#flows = new TableLoader(this.#file, flows!);
    this.#addresses = new TableLoader(this.#file, addresses!);
    this.#timeline = new TableLoader(this.#file, timeline!);
    this.#builder = new TimelineBuilder((piece) => this.#writePiece(piece), { run: this.#bases.run });
  }

  /** Adds a batch. Its rows are changed on the way. */
  write(batch: FlowBatch): void {
    this.#writeAddresses(batch);
    const { rows, segments, segmentCounts } = batch;
    const { flow, frame } = this.#bases;
    const { cell } = this.#flows;
    let segment = 0;
    for (let i = 0; i < batch.count; i++) {
      const count = segmentCounts[i]!;
      rebase(rows, i * ROW_WIDTH, this.#bases);
      this.#addStateTimes(rows, i * ROW_WIDTH);
      writeSegments(cell, segments, segment, count, frame);
      writeHistory(cell, batch.histories, i * HISTORY_LENGTH);
      cell.integers(rows, i * ROW_WIDTH, ROW_WIDTH);
      this.#flows.insert(flow + this.#written++);
      segment += count * SEGMENT_WIDTH;
    }
  }

  /** Adds the captures, makes the indexes and closes the files. */
  finish(captures: readonly CaptureMessage[]): void {
    this.#builder.finish();
    for (const table of [this.#flows, this.#addresses, this.#timeline]) table.finish();
    this.#file.close();
    const db = openWithoutJournal(this.#appendTo ?? this.#path);
    if (this.#appendTo !== undefined) db.prepare('ATTACH ? AS run').run(this.#path);
    db.exec('BEGIN');
    if (this.#appendTo !== undefined) {
      for (const table of TABLES) db.exec(`INSERT INTO main.${table} SELECT * FROM run.${table}`);
    }
    insertCaptures(db, captures, this.#bases);
    for (const index of CREATE_INDEXES) db.exec(index);
    if (this.#appendTo !== undefined || this.#addressCount > UNIQUE_BELOW)
      deduplicateAddresses(db, this.#bases);
    db.exec('COMMIT');
    db.close();
  }

  #writeAddresses({ addresses }: FlowBatch): void {
    const { words, firstId, count } = addresses;
    const { cell } = this.#addresses;
    this.#addressCount += count;
    for (let i = 0, w = 0; i < count; i++, w += 4) {
      cell.ascii(formatAddress(words[w]!, words[w + 1]!, words[w + 2]!, words[w + 3]!));
      cell.text();
      this.#addresses.insert(this.#bases.address + firstId + i);
    }
  }

  #addStateTimes(rows: Float64Array, at: number): void {
    const first = rows[at + FIRST]!;
    const observed = rows[at + OBSERVED]!;
    this.#builder.add(CLIENT, first, observed, rows, at + STATE_TIMES);
    this.#builder.add(SERVER, first, observed, rows, at + STATE_TIMES + STATE_TIMES_WIDTH);
  }

  #writePiece({ run, fromUs, counts, changes }: Piece): void {
    const { cell } = this.#timeline;
    cell.blob(changes);
    cell.ascii(countsJson(counts));
    cell.text();
    cell.integers(Float64Array.of(run, fromUs), 0, 2);
    this.#timeline.insert(this.#bases.piece + this.#pieces++);
  }
}

/** What a killed capture has left becomes a database like any other: the run's numbers go on from those of its timeline, too. */
function finishLive(path: string): void {
  const db = openWithoutJournal(path);
  if (isLive(db)) fromLive(db);
  db.close();
}

/** ASCII letters that end at a 0 or after HISTORY_LENGTH. */
function writeHistory(cell: CellWriter, histories: Uint8Array, from: number): void {
  let end = from;
  while (end < from + HISTORY_LENGTH && histories[end] !== 0) end++;
  while (end > from) cell.byte(histories[--end]!);
  cell.text();
}
