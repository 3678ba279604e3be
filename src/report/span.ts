import type { Database } from 'better-sqlite3';

/** From the first captured packet to the last, microseconds since the epoch. */
export interface Span {
  firstUs: number;
  lastUs: number;
}

/** When the captures of a database were; undefined where they hold no packet. */
export function readSpan(db: Database): Span | undefined {
  const { firstUs, lastUs } = db
    .prepare<[], { firstUs: number | null; lastUs: number | null }>(
      'SELECT min(first_us) AS firstUs, max(last_us) AS lastUs FROM captures',
    )
    .get()!;
  return firstUs === null || lastUs === null ? undefined : { firstUs, lastUs };
}
