import type { Database } from 'better-sqlite3';

/** From the first captured packet to the last, microseconds since the epoch. */
export interface Span {
  firstUs: number;
  lastUs: number;
}

/** Captures of one run follow each other sooner than that. */
const GAP_US = 60e6;

/** The time between two captures that an instant falls into, where it is more than a minute: nothing is known of it. */
export function gapAround(db: Database, us: number): Span | undefined {
  const { firstUs, lastUs } = db
    .prepare<[Record<string, number>], { firstUs: number | null; lastUs: number | null }>(
      `SELECT max(iif(last_us < :us, last_us, NULL)) AS firstUs, min(iif(first_us > :us, first_us, NULL)) AS lastUs
       FROM captures WHERE NOT EXISTS (SELECT 1 FROM captures WHERE first_us <= :us AND last_us >= :us)`,
    )
    .get({ us })!;
  if (firstUs === null || lastUs === null || lastUs - firstUs <= GAP_US) return undefined;
  return { firstUs, lastUs };
}

/** When the captures of a database were; undefined if they hold no packet. */
export function readSpan(db: Database): Span | undefined {
  const { firstUs, lastUs } = db
    .prepare<[], { firstUs: number | null; lastUs: number | null }>(
      'SELECT min(first_us) AS firstUs, max(last_us) AS lastUs FROM captures',
    )
    .get()!;
  return firstUs === null || lastUs === null ? undefined : { firstUs, lastUs };
}
