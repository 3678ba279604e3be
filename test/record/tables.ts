import Database from 'better-sqlite3';
import { PageFile } from '../../src/record/pages/page-file.ts';
import { TableLoader } from '../../src/record/pages/table-loader.ts';

// A small table, filled by the loader and, to compare with, by SQLite.

/** A row: its rowid, integers (NaN is NULL) and a text. */
export interface Row {
  id: number;
  integers: readonly number[];
  text: string;
}

/** Makes a database with an empty table `t`. */
function emptyTable(path: string, pageSize: number, integers: number): Database.Database {
  const db = new Database(path);
  db.pragma(`page_size = ${pageSize}`);
  const columns = Array.from({ length: integers }, (_, i) => `i${i} INTEGER, `).join('');
  db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, ${columns}text TEXT) STRICT`);
  return db;
}

/** The table, filled by the loader; `before` is called with the file's path once the table is there. */
export function loadTable(
  path: string,
  pageSize: number,
  rows: readonly Row[],
  before?: (path: string) => void,
): void {
  const db = emptyTable(path, pageSize, rows[0]?.integers.length ?? 1);
  const root = db.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 't'`).pluck().get() as number;
  db.close();
  before?.(path);
  const file = new PageFile(path, pageSize);
  const table = new TableLoader(file, root);
  for (const { id, integers, text } of rows) {
    table.cell.ascii(text);
    table.cell.text();
    table.cell.integers(Float64Array.from(integers), 0, integers.length);
    table.insert(id);
  }
  table.finish();
  file.close();
}

/** The table, filled by INSERT. */
export function insertTable(path: string, pageSize: number, rows: readonly Row[]): void {
  const width = rows[0]?.integers.length ?? 1;
  const db = emptyTable(path, pageSize, width);
  const insert = db.prepare(`INSERT INTO t VALUES (${Array(width + 2).fill('?')})`);
  db.transaction(() => {
    for (const { id, integers, text } of rows) {
      const values = integers.map((value) => (Number.isNaN(value) ? null : BigInt(value)));
      insert.run(BigInt(id), ...values, text);
    }
  })();
  db.close();
}

/** All rows, with the types of their values; integers as bigint. */
export function contentOf(path: string): unknown[] {
  const db = new Database(path, { readonly: true });
  const columns = db.prepare(`SELECT name FROM pragma_table_info('t')`).pluck().all() as string[];
  const types = columns.map((name) => `typeof(${name})`);
  const content = db.prepare(`SELECT *, ${types} FROM t ORDER BY id`).safeIntegers().raw().all();
  db.close();
  return content;
}

/** What SQLite's own checks say: `ok` and `ok`. */
export function checksOf(path: string): unknown[] {
  const db = new Database(path);
  const checks = ['integrity_check', 'quick_check'].map((check) => db.pragma(check, { simple: true }));
  db.close();
  return checks;
}

/** The b-tree of the table, as SQLite measures it. */
export function shapeOf(path: string): {
  levels: number;
  cells: number;
  payload: number;
  fullLeaves: number;
} {
  const db = new Database(path, { readonly: true });
  const shape = db
    .prepare(
      `SELECT max(length(path) - length(replace(path, '/', ''))) AS levels,
         sum(iif(pagetype = 'leaf', ncell, 0)) AS cells, sum(iif(pagetype = 'leaf', payload, 0)) AS payload,
         sum(pagetype = 'leaf' AND unused = 0) AS fullLeaves FROM dbstat WHERE name = 't'`,
    )
    .get();
  db.close();
  return shape as ReturnType<typeof shapeOf>;
}
