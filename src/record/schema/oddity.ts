import type { Database } from 'better-sqlite3';
import { ADDRESS_NAMES, ROW_COLUMNS } from '../../flow/format/columns.ts';
import { errorParts } from '../files/error.ts';

/** Columns with JSON in them: what it is, and what its elements are where they are all alike. */
const JSON_COLUMNS = [
  { table: 'flow_data', column: 'segments', type: 'array', elements: 'array' },
  { table: 'captures', column: 'link_types', type: 'array', elements: 'integer' },
  { table: 'captures', column: 'skipped', type: 'object', elements: 'integer' },
  { table: 'timeline', column: 'counts', type: 'array', elements: 'integer' },
] as const;

/**
 * What a database holds that finwait never writes, in words; undefined if nothing is found. It reads all
 * of it: to be asked when reading has failed, to tell whose fault that is.
 */
export function whatIsOdd(db: Database): string | undefined {
  try {
    return oddNumber(db) ?? oddTime(db) ?? oddJson(db) ?? oddAddress(db);
  } catch (error) {
    return errorParts(error).message;
  }
}

/** Codes that stand for no word, and numbers that are no whole ones of a double. */
function oddNumber(db: Database): string | undefined {
  const bounds = ROW_COLUMNS.map(({ name, words }) => ({
    name,
    least: words ? 0 : Number.MIN_SAFE_INTEGER,
    most: words ? words.length - 1 : Number.MAX_SAFE_INTEGER,
  }));
  const outside = bounds.map(
    ({ name, least, most }) =>
      `max(iif(typeof(${name}) NOT IN ('integer', 'null') OR ${name} NOT BETWEEN ${least} AND ${most}, quote(${name}), NULL))`,
  );
  const found = db
    .prepare<[], (string | null)[]>(`SELECT ${outside.join(', ')} FROM flow_data`)
    .raw()
    .get();
  const i = found?.findIndex((value) => value !== null) ?? -1;
  return i < 0 ? undefined : `flow_data.${bounds[i]!.name} is ${found![i]}`;
}

/** Times of captures that no double holds to the microsecond. */
function oddTime(db: Database): string | undefined {
  const within = `BETWEEN ${Number.MIN_SAFE_INTEGER} AND ${Number.MAX_SAFE_INTEGER}`;
  const odd = ['first_us', 'last_us'].find((column) =>
    db.prepare(`SELECT 1 FROM captures WHERE ${column} NOT ${within}`).get(),
  );
  return odd && `captures.${odd} is no time`;
}

function oddJson(db: Database): string | undefined {
  for (const { table, column, type, elements } of JSON_COLUMNS) {
    const odd = db.prepare(
      `SELECT 1 FROM ${table} WHERE ${column} IS NOT NULL AND CASE WHEN NOT json_valid(${column}) THEN 1
         WHEN json_type(${column}) <> '${type}' THEN 1
         ELSE EXISTS (SELECT 1 FROM json_each(${column}) WHERE type <> '${elements}') END`,
    );
    if (odd.get() !== undefined) return `${table}.${column} is not the JSON that it should be`;
  }
  return undefined;
}

/** Ends without an address. */
function oddAddress(db: Database): string | undefined {
  for (const column of ADDRESS_NAMES) {
    // Each flow has two ends; what else an address is of may be missing.
    const missing = /^(client|server)_address$/.test(column) ? 1 : 0;
    const odd = db.prepare(
      `SELECT 1 FROM flow_data WHERE coalesce(${column} NOT IN (SELECT id FROM addresses), ${missing})`,
    );
    if (odd.get() !== undefined) return `flow_data.${column} is no address`;
  }
  return undefined;
}
