import { text } from 'node:stream/consumers';
import type { Database, Statement } from 'better-sqlite3';
import { type Command, Option } from 'commander';
import { asStoreError, errorParts } from '../record/error.ts';
import { FORMATS, type Format, type Value } from '../report/rows.ts';
import { UsageError } from './exit.ts';
import { isTerminal, print, styleFor } from './output.ts';

/** `finwait query`: SQL in, rows out. */
export function addQuery(program: Command): void {
  program
    .command('query')
    .summary('ask a database in SQL')
    .description(
      'Runs one SELECT on a database, which is only read, and prints the rows. Ask flows, ' +
        'state_intervals, close_segments, time_waits, close_waits and captures; "sqlite3 DB .schema" ' +
        'explains their columns.',
    )
    .argument('<db>', 'a database that finwait wrote')
    .argument('<sql>', 'the query; - reads it from standard input')
    .addOption(new Option('-f, --format <format>', 'how rows are printed').choices(FORMATS).default('table'))
    .addHelpText(
      'after',
      `
Example:
  finwait query web.sqlite "SELECT close_kind, count(*) FROM flows GROUP BY 1"
  finwait query --format csv web.sqlite - < leaks.sql > leaks.csv

Exit codes: 0 done, 2 usage or an error in the SQL, 3 not a database of finwait,
4 permission denied.
`,
    )
    .action(runQuery);
}

async function runQuery(path: string, sql: string, { format }: { format: Format }): Promise<void> {
  const { openForReading } = await import('../record/open-database.ts');
  const { formatRows } = await import('../report/rows.ts');
  const query = sql === '-' ? await text(process.stdin) : sql;
  const db = openForReading(path);
  try {
    const statement = prepare(db, query);
    const columns = statement.columns().map(({ name }) => name);
    const terminal = isTerminal(process.stdout);
    const width = terminal ? process.stdout.columns : undefined;
    const rows = statement.raw().iterate();
    await print(formatRows(columns, rows, { format, width, terminal, style: styleFor(process.stdout) }));
  } catch (error) {
    throw asQueryError(error, path);
  } finally {
    db.close();
  }
}

function prepare(db: Database, sql: string): Statement<[], Value[]> {
  const statement = db.prepare<[], Value[]>(sql);
  if (!statement.reader || !statement.readonly) throw new UsageError('query only reads: one SELECT, please');
  return statement.safeIntegers();
}

/** What SQLite says of the query itself is a matter of usage; all else is the database's fault. */
function asQueryError(error: unknown, path: string): Error {
  if (error instanceof UsageError) return error;
  const { code, message } = errorParts(error);
  const ofQuery = code === 'SQLITE_ERROR' || code === 'SQLITE_READONLY' || error instanceof RangeError;
  return ofQuery ? new UsageError(`SQL: ${message}`) : asStoreError(error, path);
}
