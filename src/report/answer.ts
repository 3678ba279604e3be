import { formatRows, isForPeople, type RowsOptions, type Value } from './rows.ts';
import { count, duration, isoTime } from './units.ts';

/**
 * What a column's numbers are: `time` microseconds since the epoch, `duration` microseconds, `count`
 * a number of things. People see them as times, durations and numbers with thousands set apart;
 * programs get the numbers. All else is shown as it is.
 */
export type FieldKind = 'time' | 'duration' | 'count' | 'plain';

/** A column of an answer. Its name ends in `_us` where it holds microseconds. */
export interface Field {
  name: string;
  kind: FieldKind;
  /** The head for people; without it the name, without `_us`. */
  head?: string;
}

/** What a command found: rows that a person or a program can read. */
export interface Answer {
  fields: readonly Field[];
  rows: Iterable<Value[]>;
}

/** How an answer is laid out; times in UTC or local. */
export type AnswerOptions = Omit<RowsOptions, 'right'> & { utc: boolean };

/** An answer as text, piece by piece: for people as table and Markdown, for programs as JSON, JSON lines and CSV. */
export function formatAnswer({ fields, rows }: Answer, options: AnswerOptions): Iterable<string> {
  const { format, utc } = options;
  if (!isForPeople(format)) {
    return formatRows(
      fields.map(({ name }) => name),
      rows,
      options,
    );
  }
  return formatRows(
    fields.map(({ name, head }) => head ?? name.replace(/_us$/, '')),
    readable(fields, rows, utc),
    { ...options, right: fields.map(({ kind }) => (kind === 'plain' ? undefined : kind !== 'time')) },
  );
}

function* readable(fields: readonly Field[], rows: Iterable<Value[]>, utc: boolean): Generator<Value[]> {
  for (const row of rows) yield row.map((value, i) => readableValue(value, fields[i]!.kind, utc));
}

function readableValue(value: Value, kind: FieldKind, utc: boolean): Value {
  if (value === null || kind === 'plain') return value;
  const number = Number(value);
  switch (kind) {
    case 'time':
      return isoTime(number, utc);
    case 'duration':
      return duration(number);
    case 'count':
      return count(number);
  }
}
