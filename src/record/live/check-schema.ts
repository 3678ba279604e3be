import Database from 'better-sqlite3';
import { StoreError } from '../files/error.ts';
import { differences } from '../schema/differences.ts';
import { flowTable, TABLES } from '../schema/schema.ts';
import { VIEWS } from '../schema/views.ts';
import { isLive } from './live-layout.ts';
import { LIVE_RELATIONS } from './live-schema.ts';

/** Databases of this version that were written before there was this table are without it. */
const OPTIONAL = ['capture_files'];

/**
 * Throws a StoreError where a database of this version has other tables or views under finwait's names: an endless view
 * in the place of a table is not to be read. What users have added is theirs.
 */
export function checkSchema(db: Database.Database, path: string): void {
  const flows = isLive(db) ? LIVE_RELATIONS : [flowTable('flow_data')];
  const difference = differences(db, [...TABLES, ...flows, ...VIEWS], OPTIONAL);
  if (difference !== undefined)
    throw new StoreError(path, `is no database as finwait makes it: ${difference}`);
}

/** The same before it is written to, when triggers would run, too. */
export function checkWritable(db: Database.Database, path: string): void {
  checkSchema(db, path);
  const trigger = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().get();
  if (trigger !== undefined)
    throw new StoreError(path, `has a trigger, ${trigger}, which finwait would run: drop it first`);
}

/** Opens a database that passes a check. */
export function openChecked(
  path: string,
  options: Database.Options,
  check: (db: Database.Database) => void,
): Database.Database {
  const db = new Database(path, options);
  try {
    check(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
