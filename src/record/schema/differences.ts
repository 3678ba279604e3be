import type { Database } from 'better-sqlite3';

const STATEMENT = /^CREATE (?:TABLE|VIEW) (\w+)/;

/**
 * Which of these tables and views a database has not, or has otherwise, in words; undefined if all are there. What
 * others have added is not looked at.
 * @param created as CREATE statements
 * @param optional names of those that may be missing
 */
export function differences(
  db: Database,
  created: readonly string[],
  optional: readonly string[] = [],
): string | undefined {
  const sqlOf = db.prepare<[string], string>('SELECT sql FROM sqlite_schema WHERE name = ?').pluck();
  for (const statement of created) {
    const name = STATEMENT.exec(statement)![1]!;
    const sql = sqlOf.get(name);
    if (sql === statement) continue;
    if (sql === undefined ? optional.includes(name) : plain(sql) === plain(statement)) continue;
    return sql === undefined ? `${name} is missing` : `${name} reads otherwise`;
  }
  return undefined;
}

/** SQL without comments and quotes of names, and without the words that codes stand for: there may be more of them now. */
function plain(sql: string): string {
  return sql
    .replace(/--[^\n]*/g, '')
    .replace(/(?: WHEN \d+ THEN '[^']*')+/g, '')
    .replace(/[\s"]+/g, ' ');
}
