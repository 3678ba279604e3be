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
  const first: string[][] = [];
  let columns: TableColumn[] | undefined;
  for (const row of rows) {
    const cells = row.map(printable);
    if (columns === undefined) first.push(cells);
    else yield lineOf(cells, columns, options);
    if (columns !== undefined || first.length < MEASURED_ROWS) continue;
    columns = measured(first, options);
    yield* firstLines(first, columns, options);
  }
  if (columns === undefined) yield* firstLines(first, measured(first, options), options);
}

function* firstLines(
  rows: readonly (readonly string[])[],
  columns: readonly TableColumn[],
  options: TableOptions,
): Generator<string> {
  const { head, styleHead = (line) => line } = options;
  if (head !== undefined) yield styleHead(lineOf(head.map(printable), columns, options));
  for (const row of rows) yield lineOf(row, columns, options);
}

function measured(rows: readonly (readonly string[])[], { head = [], right }: TableOptions): TableColumn[] {
  const heads = head.map(printable);
  const count = rows.reduce((most, row) => Math.max(most, row.length), heads.length);
  return Array.from({ length: count }, (_, c) => ({
    width: rows.reduce((widest, row) => Math.max(widest, textWidth(row[c] ?? '')), textWidth(heads[c] ?? '')),
    right: right?.[c] ?? (rows.length > 0 && rows.every((row) => NUMBER.test(row[c] || '0'))),
  }));
}

function lineOf(
  cells: readonly string[],
  columns: readonly TableColumn[],
  { indent = '', width }: TableOptions,
): string {
  const count = Math.max(cells.length, columns.length);
  let line = indent;
  for (let c = 0; c < count; c++) {
    const cell = cells[c] ?? '';
    const { width, right } = columns[c] ?? { width: 0, right: false };
    const space = ' '.repeat(Math.max(0, width - textWidth(cell)));
    line += `${c === 0 ? '' : GAP}${right ? space + cell : cell + space}`;
  }
  line = line.trimEnd();
  return width === undefined ? line : cutText(line, width);
}
