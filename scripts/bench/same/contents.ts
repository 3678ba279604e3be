import Database from 'better-sqlite3';
import {
  COUNTS_LENGTH,
  countsJson,
  ENTERED,
  LEFT,
  PieceReader,
} from '../../../src/record/timeline/timeline.ts';
import type { Value } from './row-hash.ts';

/** Rows of a table or view in which nothing depends on how flows and addresses are numbered. */
export interface Relation {
  readonly columns: readonly string[];
  /** Each row is overwritten by the next. */
  rows(columns: readonly string[]): Iterable<Value[]>;
}

/** How a flow is distinguished from all others: by its ends and its first segment. */
const FLOW_KEY = `client_ip || ':' || client_port || ' > ' || server_ip || ':' || server_port || ' at ' || first_us
  || ', frame ' || first_frame || ' of file ' || capture_id`;

/** What a database holds, relation by relation, and what names it as ours. */
export class Contents {
  readonly names: readonly string[];
  readonly #db: Database.Database;
  #keys: Map<number, string> | undefined;

  /** Throws what better-sqlite3 throws where there is no such database. */
  constructor(path: string) {
    this.#db = new Database(path, { readonly: true, fileMustExist: true });
    const stored = this.#db
      .prepare<[], string>(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY type, name",
      )
      .pluck()
      .all();
    this.names = ['schema', 'settings', ...stored];
  }

  relation(name: string): Relation {
    if (name === 'schema')
      return this.#query('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name');
    if (name === 'settings') {
      return this.#query('SELECT * FROM pragma_application_id, pragma_user_version');
    }
    if (name === 'timeline') return { columns: ['at_us', 'change'], rows: () => this.#changes() };
    return this.#stored(name);
  }

  close(): void {
    this.#db.close();
  }

  #query(sql: string): Relation {
    const statement = this.#db.prepare<[], Value[]>(sql).raw();
    return { columns: statement.columns().map(({ name }) => name), rows: () => statement.iterate() };
  }

  /** Files are numbered as they are read; all other numbers of rows are left out, or replaced by what they stand for. */
  #stored(table: string): Relation {
    const columns = this.#query(`SELECT * FROM ${table}`).columns.filter(
      (column) => column !== 'id' || table === 'captures',
    );
    return { columns, rows: (wanted) => this.#rows(table, wanted) };
  }

  *#rows(table: string, columns: readonly string[]): Generator<Value[]> {
    const values = columns.map((column) =>
      column.endsWith('_address') ? `(SELECT ip FROM addresses WHERE id = ${column})` : column,
    );
    const flow = columns.indexOf('flow_id');
    const keys = flow < 0 ? undefined : this.#flowKeys();
    const rows = this.#db.prepare<[], Value[]>(`SELECT ${values.join(', ')} FROM ${table}`).raw();
    for (const row of rows.iterate()) {
      if (keys !== undefined) row[flow] = keys.get(Number(row[flow])) ?? null;
      yield row;
    }
  }

  #flowKeys(): Map<number, string> {
    if (this.#keys === undefined) {
      this.#keys = new Map();
      const rows = this.#db.prepare<[], [number, string]>(`SELECT id, ${FLOW_KEY} FROM flows`).raw();
      for (const [id, key] of rows.iterate()) this.#keys.set(id, key);
    }
    return this.#keys;
  }

  /**
   * Every change of the timeline: how they are cut into runs and pieces says nothing of the flows. Counts
   * before a piece that do not follow from its run's changes are a row of their own.
   */
  *#changes(): Generator<Value[]> {
    const pieces = this.#db.prepare<[], StoredPiece>(
      'SELECT run, from_us AS fromUs, counts, changes FROM timeline ORDER BY run, from_us, id',
    );
    let run: number | undefined;
    let counts = new Int32Array(COUNTS_LENGTH);
    const row: Value[] = [];
    for (const piece of pieces.iterate()) {
      if (piece.run !== run) counts = new Int32Array(COUNTS_LENGTH);
      run = piece.run;
      if (piece.counts !== countsJson(counts)) yield [piece.fromUs, `wrong counts: ${piece.counts}`];
      const reader = new PieceReader(piece);
      while (reader.nextUs !== Number.POSITIVE_INFINITY) {
        row[0] = reader.nextUs;
        const code = reader.take();
        row[1] = code;
        if (LEFT[code]! >= 0) counts[LEFT[code]!]!--;
        if (ENTERED[code]! >= 0) counts[ENTERED[code]!]!++;
        yield row;
      }
    }
  }
}

/** A row of `timeline`. */
interface StoredPiece {
  run: number;
  fromUs: number;
  counts: string;
  changes: Buffer;
}
