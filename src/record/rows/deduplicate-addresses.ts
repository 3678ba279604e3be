import type { Database } from 'better-sqlite3';
import { ADDRESS_NAMES } from '../../flow/format/columns.ts';

/**
 * Gives every address one number, the lowest: a run numbers its addresses from its own beginning, and
 * again when there are too many to remember. Only flows and addresses from these numbers on are looked
 * at. Needs the index on addresses.ip.
 */
export function deduplicateAddresses(db: Database, from: { flow: number; address: number }): void {
  db.exec('CREATE TEMP TABLE doubled (id INTEGER PRIMARY KEY, kept INTEGER NOT NULL)');
  db.prepare(
    `INSERT INTO doubled
     SELECT id, (SELECT min(first.id) FROM addresses AS first WHERE first.ip = again.ip) AS kept
     FROM addresses AS again WHERE id >= ? AND kept < id`,
  ).run(from.address);
  for (const column of ADDRESS_NAMES) {
    db.prepare(
      `UPDATE flow_data SET ${column} = (SELECT kept FROM doubled WHERE doubled.id = ${column})
       WHERE id >= ? AND ${column} IN (SELECT id FROM doubled)`,
    ).run(from.flow);
  }
  db.exec('DELETE FROM addresses WHERE id IN (SELECT id FROM doubled); DROP TABLE doubled');
}
