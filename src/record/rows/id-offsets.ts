import Database from 'better-sqlite3';
import { ADDRESS_COLUMNS, columnIndex, ROW_COLUMNS } from '../../flow/format/columns.ts';

const CAPTURE = columnIndex('capture_id');
const FRAMES = ROW_COLUMNS.flatMap((column, i) => (column.kind === 'frame' ? [i] : []));

/** What the numbers of a run, which begin at 0, are moved up by. */
export interface IdOffsets {
  flow: number;
  capture: number;
  address: number;
  frame: number;
  piece: number;
  run: number;
}

/** Where the numbers of a database go on. */
export function idOffsetsOf(path: string): IdOffsets {
  const db = new Database(path, { readonly: true });
  const next = (sql: string) => Number(db.prepare(`SELECT coalesce(${sql}, 0)`).pluck().get());
  const bases = {
    flow: next('(SELECT max(id) FROM flow_data)') + 1,
    capture: next('(SELECT max(id) FROM captures)') + 1,
    address: next('(SELECT max(id) + 1 FROM addresses)'),
    frame: next('(SELECT max(frame_base + last_frame) FROM captures)'),
    piece: next('(SELECT max(id) FROM timeline)') + 1,
    run: next('(SELECT max(run) + 1 FROM timeline)'),
  };
  db.close();
  return bases;
}

/** Turns the numbers of a run in the row at index `at` into numbers of the database. */
export function rebase(rows: Float64Array, at: number, { capture, address, frame }: IdOffsets): void {
  rows[at + CAPTURE]! += capture;
  if (address > 0) for (const column of ADDRESS_COLUMNS) rows[at + column]! += address;
  if (frame > 0) for (const column of FRAMES) rows[at + column]! += frame;
}
