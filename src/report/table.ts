import { cutText, printable, textWidth } from './text.ts';

/** How a table is laid out. */
export interface TableOptions {
  /** Heads of the columns; left out where a table explains itself. */
  head?: readonly string[];
  /** Columns to align at the right; where undefined, those that hold only numbers. */
  right?: readonly (boolean | undefined)[] | undefined;
  /** What every line begins with. */
  indent?: string;
  /** Widest line; longer ones are cut. */
  width?: number | undefined;
  /** Turns the head into something that stands out. */
  styleHead?: (line: string) => string;
}

const NUMBER = /^-?[\d,]*\.?\d+(e[+-]?\d+)?$/;
/** What stands between two columns. */
export const GAP = '  ';
/** Rows that the columns are measured on. */
const MEASURED_ROWS = 1000;

/** A column as measured: how wide, and on which side its cells are aligned. */
interface TableColumn {
  width: number;
  right: boolean;
}

/** Lines of a plain table: columns two spaces apart, no frame, control characters shown as escapes. */
export function tableLines(rows: readonly (readonly string[])[], options: TableOptions = {}): string[] {
  return [...streamTable(rows, options)];
}

/**
 * The same lines of a table of any length, one by one. Its columns are as wide as the first thousand rows
 * need; a later cell that is wider is whole, and moves what follows it in its line.
 */
export function* streamTable(
  rows: Iterable<readonly string[]>,
  options: TableOptions = {},
): Generator<string> {
  const { head, indent = '', width, styleHead = (line) => line } = options;
  const rest = rows[Symbol.iterator]();
  const first: string[][] = [];
  for (let next = rest.next(); !next.done; next = rest.next()) {
    first.push(next.value.map(printable));
    if (first.length === MEASURED_ROWS) break;
  }
  const columns = measured(first, options);
  const lineOf = (cells: readonly string[]) => {
    const line = `${indent}${aligned(cells, columns)}`;
    return width === undefined ? line : cutText(line, width);
  };
  if (head !== undefined) yield styleHead(lineOf(head.map(printable)));
  for (const row of first) yield lineOf(row);
  for (let next = rest.next(); !next.done; next = rest.next()) yield lineOf(next.value.map(printable));
}

function measured(rows: readonly (readonly string[])[], { head = [], right }: TableOptions): TableColumn[] {
  const heads = head.map(printable);
  const count = rows.reduce((most, row) => Math.max(most, row.length), heads.length);
  return Array.from({ length: count }, (_, c) => ({
    width: rows.reduce((widest, row) => Math.max(widest, textWidth(row[c] ?? '')), textWidth(heads[c] ?? '')),
    right: right?.[c] ?? (rows.length > 0 && rows.every((row) => NUMBER.test(row[c] || '0'))),
  }));
}

function aligned(cells: readonly string[], columns: readonly TableColumn[]): string {
  const count = Math.max(cells.length, columns.length);
  let line = '';
  for (let c = 0; c < count; c++) {
    const cell = cells[c] ?? '';
    const { width, right } = columns[c] ?? { width: 0, right: false };
    const space = ' '.repeat(Math.max(0, width - textWidth(cell)));
    line += `${c === 0 ? '' : GAP}${right ? space + cell : cell + space}`;
  }
  return line.trimEnd();
}
