import { Worker } from 'node:worker_threads';
import type { Database, Statement } from 'better-sqlite3';
import { packaged } from '../../capture/base/packaged.ts';
import { asStoreError, errorParts, StoreError } from '../../record/files/error.ts';
import { InstallationError } from '../../record/files/installation.ts';
import { formatRows, type Value } from '../../report/rows.ts';
import { EXIT } from '../base/exit.ts';
import { endOnFailedOutput, outputLayout, print } from '../base/output.ts';
import type { SqlValues } from '../options/query-parameters.ts';
import type { QueryFailure, QueryJob } from './query-messages.ts';

// Runs one query in a process of its own, because SQLite cannot be interrupted from JavaScript:
// whoever started it ends it by a signal. Rows go to standard output, a failure to the parent.

/** The statement is wrong, or none that only reads. */
class QueryError extends Error {}

endOnFailedOutput();
process.on('disconnect', () => process.exit());
// While SQLite works, this thread waitForStderr of nothing, not even that its parent was killed.
new Worker(packaged('dist/parent-watch.js'), { workerData: process.ppid }).unref();
// Left to Node.js it would be exit code 1, which is that of a finding.
process.on('uncaughtException', (error) => {
  process.send?.({ kind: 'bug', stack: String(error.stack) } satisfies QueryFailure, () =>
    process.exit(EXIT.bug),
  );
});
process.once('message', async (job: QueryJob) => {
  await runQuery(job).catch((error: unknown) => process.send?.(asFailure(error, job.path)));
  process.disconnect();
});

async function runQuery({ path, sql, values, format, crlf }: QueryJob): Promise<void> {
  const { openForReading } = await import('../../record/open-database.ts');
  const db = openForReading(path);
  const { columns, rows } = begin(db, sql, values);
  await print(formatRows(columns, rows, { ...outputLayout(), format, crlf }));
  db.close();
}

/** The columns of a query, and its rows, which are read as they are taken. */
function begin(db: Database, sql: string, values: SqlValues) {
  try {
    const statement = prepare(db, sql);
    const columns = statement.columns().map(({ name }) => name);
    return { columns, rows: statement.raw().iterate(values) };
  } catch (error) {
    // better-sqlite3's word for SQL that is no single statement, or lacks a value.
    throw error instanceof RangeError ? new QueryError(`SQL: ${error.message}`) : error;
  }
}

function prepare(db: Database, sql: string): Statement<[SqlValues], Value[]> {
  const statement = db.prepare<[SqlValues], Value[]>(sql);
  if (!statement.reader || !statement.readonly) throw new QueryError('query only reads: one SELECT, please');
  return statement.safeIntegers();
}

/** SQLite's words for what is wrong with a query, or with a value that it is given. */
const OF_QUERY = ['SQLITE_ERROR', 'SQLITE_READONLY', 'SQLITE_MISMATCH', 'SQLITE_TOOBIG'];

/** SQLite's errors about the query itself are usage errors; all others are the database's. */
function asFailure(error: unknown, path: string): QueryFailure {
  const { code, message } = errorParts(error);
  if (error instanceof QueryError) return { kind: 'usage', message };
  if (code !== undefined && OF_QUERY.includes(code)) return { kind: 'usage', message: `SQL: ${message}` };
  const ofStore = asStoreError(error, path);
  if (ofStore instanceof InstallationError) return { kind: 'installation', message: ofStore.message };
  if (error instanceof StoreError || code?.startsWith('SQLITE_')) {
    return { kind: 'store', path, reason: ofStore.reason, code: ofStore.code };
  }
  return { kind: 'bug', stack: error instanceof Error ? String(error.stack) : message };
}
