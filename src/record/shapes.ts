import type Database from 'better-sqlite3';
import { ROW_COLUMNS, ROW_WIDTH } from '../flow/columns.ts';
import { columnDefault } from './schema.ts';

// Binding values is what an insert costs, and half of a row is NULL or 0. So rows of one shape (the
// same columns differ from their defaults) share a statement that binds only those. A capture has
// few shapes; whatever comes after MAX_SHAPES of them takes a statement that binds every column.

const MAX_SHAPES = 256;
/** A shape is a set of columns as two numbers of at most 53 bits. */
const HALF = Math.ceil(ROW_WIDTH / 2);
const BIT = Float64Array.from(ROW_COLUMNS, (_, i) => 2 ** (i % HALF));
const DEFAULT_IS_ZERO = Uint8Array.from(ROW_COLUMNS, (column) => Number(columnDefault(column) === 0));

type Value = number | string | null;

/** A statement, the columns it binds, and room for their values, with the history's and the segments' behind. */
export interface Shape {
  columns: Uint8Array;
  values: Value[];
  insert: Database.Statement<[values: Value[]]>;
}

/** The inserts of one database, each prepared when its shape is first met. */
export class Shapes {
  readonly #db: Database.Database;
  readonly #known = new Map<number, Map<number, Shape>>();
  readonly #whole: Shape;
  #count = 0;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#whole = this.#prepare(ROW_COLUMNS.map((_, i) => i));
  }

  /** The shape of the row that starts at `at` of `rows`. */
  of(rows: Float64Array, at: number): Shape {
    let low = 0;
    let high = 0;
    for (let i = 0; i < HALF; i++) if (differs(rows[at + i]!, i)) low += BIT[i]!;
    for (let i = HALF; i < ROW_WIDTH; i++) if (differs(rows[at + i]!, i)) high += BIT[i]!;
    return this.#known.get(low)?.get(high) ?? this.#add(rows, at, low, high);
  }

  #add(rows: Float64Array, at: number, low: number, high: number): Shape {
    if (this.#count === MAX_SHAPES) return this.#whole;
    this.#count++;
    const shape = this.#prepare(ROW_COLUMNS.map((_, i) => i).filter((i) => differs(rows[at + i]!, i)));
    const siblings = this.#known.get(low) ?? new Map<number, Shape>();
    this.#known.set(low, siblings.set(high, shape));
    return shape;
  }

  #prepare(columns: number[]): Shape {
    const names = [...columns.map((i) => ROW_COLUMNS[i]!.name), 'zeek_history', 'segments'];
    const insert = this.#db.prepare<[Value[]]>(
      `INSERT INTO flow_data (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    );
    return { columns: Uint8Array.from(columns), values: new Array(names.length).fill(null), insert };
  }
}

/** Whether a column's value is another than what a row gets that leaves the column out. */
function differs(value: number, column: number): boolean {
  return DEFAULT_IS_ZERO[column] === 1 ? value !== 0 : !Number.isNaN(value);
}
