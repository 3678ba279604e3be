import { listing } from './listing.ts';

// What views are made of, as text of SQL.

/** A column of a view: its name, its comment and the expression it stands for. */
export type Shown = readonly [name: string, comment: string, sql: string];

export const US = 'microseconds since the epoch';
export const ENDPOINT = ['endpoint', 'client or server'] as const;

/** A code as its word. */
export function wordOf(code: string, words: readonly string[]): string {
  return `CASE ${code} ${words.map((word, i) => `WHEN ${i} THEN '${word}'`).join(' ')} END`;
}

/** A running frame number's file: the last one that begins before the frame. */
export function fileOf(frame: string, column: string): string {
  return `(SELECT ${column} FROM captures WHERE frame_base < ${frame} ORDER BY frame_base DESC, id DESC LIMIT 1)`;
}

export const frameInFile = (frame: string) => `${frame} - ${fileOf(frame, 'frame_base')}`;
/** The text of an address that no join has. */
export const ipOf = (id: string) => `(SELECT ip FROM addresses WHERE id = ${id})`;
export const address = (end: string) => `LEFT JOIN addresses AS ${end} ON ${end}.id = f.${end}_address`;

/** The SQL of a view of one SELECT or more; the first names its columns. */
export function view(
  name: string,
  doc: string,
  arms: readonly (readonly Shown[])[],
  from: readonly string[],
): string {
  const [first] = arms;
  const selects = arms.map(
    (columns, i) => `SELECT ${columns.map(([, , sql]) => sql).join(', ')}\n  FROM ${from[i]}`,
  );
  const names = listing(first!.map(([column, comment]) => [column, comment]));
  return `CREATE VIEW ${name} ( -- ${doc}\n${names}\n) AS ${selects.join('\nUNION ALL ')}`;
}
