import type { Style } from './style.ts';
import { streamTable } from './table.ts';
import { printable } from './text.ts';

/** The ways rows are written. */
export const FORMATS = ['table', 'json', 'jsonl', 'csv', 'md'] as const;
export type Format = (typeof FORMATS)[number];

/** Whether people read it: they get times, durations and counts as text, programs get the numbers. */
export function isForPeople(format: string): boolean {
  return format === 'table' || format === 'md';
}

/** A value as SQLite has it; whole numbers may exceed a double's. */
export type Value = null | number | bigint | string | Uint8Array;

/** How rows are laid out. */
export interface RowsOptions {
  format: Format;
  /** Whether it goes to a terminal: control characters must not. */
  terminal: boolean;
  /** Of tables: how their heads stand out. */
  style: Style;
  /** Of tables: the widest line. */
  width: number | undefined;
  /** Of tables: columns to align at the right; where undefined, those that hold only numbers. */
  right?: readonly (boolean | undefined)[];
  /** Of CSV: lines end in CRLF, as RFC 4180 has it, instead of LF, which awk and its kin expect. */
  crlf?: boolean | undefined;
}

/** Rows as text, piece by piece, as they come; only a table waits for its first thousand, to know the widths. */
export function* formatRows(
  columns: readonly string[],
  rows: Iterable<Value[]>,
  options: RowsOptions,
): Generator<string> {
  switch (options.format) {
    case 'table':
      yield* table(columns, rows, options);
      return;
    case 'json':
      yield* json(columns, rows);
      return;
    case 'jsonl':
      for (const row of rows) yield `${jsonObject(distinct(columns), row)}\n`;
      return;
    case 'csv':
      yield* csv(columns, rows, options);
      return;
    case 'md':
      yield* markdown(columns, rows);
  }
}

function* table(
  columns: readonly string[],
  rows: Iterable<Value[]>,
  { style, width, right }: RowsOptions,
): Generator<string> {
  const lines = streamTable(texts(rows), { head: columns, width, right, styleHead: style.bold });
  for (const line of lines) yield `${line}\n`;
}

function* texts(rows: Iterable<Value[]>): Generator<string[]> {
  for (const row of rows) yield row.map(valueText);
}

function* json(columns: readonly string[], rows: Iterable<Value[]>): Generator<string> {
  const names = distinct(columns);
  let before = '[';
  for (const row of rows) {
    yield `${before}\n${jsonObject(names, row)}`;
    before = ',';
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}

function jsonObject(names: readonly string[], row: readonly Value[]): string {
  const members = names.map((name, i) => `${JSON.stringify(name)}:${jsonValue(row[i] ?? null)}`);
  return printableJson(`{${members.join(',')}}`);
}

/** JSON may hold DEL, C1 and characters that turn the reading direction, in its texts: as escapes it means the same. */
export function printableJson(json: string): string {
  return json.replace(
    /[\x7f-\x9f\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** JSON has no infinity: it is null, as JSON.stringify has it. */
function jsonValue(value: Value): string {
  if (typeof value === 'bigint') return String(value);
  return JSON.stringify(value instanceof Uint8Array ? valueText(value) : value);
}

/** RFC 4180: quotes doubled. */
function* csv(
  columns: readonly string[],
  rows: Iterable<Value[]>,
  { terminal, crlf }: RowsOptions,
): Generator<string> {
  const safe = terminal ? printable : (text: string) => text;
  const end = crlf ? '\r\n' : '\n';
  const line = (cells: string[]) => cells.map((cell) => csvCell(safe(cell))).join(',') + end;
  yield line([...columns]);
  for (const row of rows) yield line(row.map(valueText));
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function* markdown(columns: readonly string[], rows: Iterable<Value[]>): Generator<string> {
  const line = (cells: string[]) => `| ${cells.map(markdownCell).join(' | ')} |\n`;
  yield line([...columns]);
  yield `|${' --- |'.repeat(columns.length)}\n`;
  for (const row of rows) yield line(row.map(valueText));
}

/** A backslash before a pipe would take away that of the pipe: it gets one, too. */
function markdownCell(text: string): string {
  return printable(text).replace(/\\*\|/g, (pipe) => `${pipe.slice(0, -1).repeat(2)}\\|`);
}

/** NULL is empty, a blob its bytes in hexadecimal. */
function valueText(value: Value): string {
  if (value === null) return '';
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}

/** Names for an object's keys: a second `n` becomes `n_2`. */
function distinct(columns: readonly string[]): string[] {
  const used = new Set<string>();
  return columns.map((column) => {
    let name = column;
    for (let n = 2; used.has(name); n++) name = `${column}_${n}`;
    used.add(name);
    return name;
  });
}
