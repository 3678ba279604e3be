import type { Database } from 'better-sqlite3';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { Answer } from '../report/answer.ts';
import { FORMATS, type Format } from '../report/rows.ts';
import { isTerminal, print, styleFor } from './output.ts';

/** The options of every command that prints rows. */
export interface RowsFlags {
  format: Format;
  utc?: true;
}

/** The argument of every command that asks a database. */
export const DATABASE = ['<db>', 'a database that finwait wrote'] as const;

/** Adds `--format` and `--utc`. */
export function addRowsOptions(command: Command): Command {
  return command
    .addOption(new Option('-f, --format <format>', 'how rows are printed').choices(FORMATS).default('table'))
    .option('--utc', 'show and read times in UTC');
}

/** Opens a database, which is only read, for as long as `use` takes. */
export async function withDatabase<T>(path: string, use: (db: Database) => T | Promise<T>): Promise<T> {
  const { openForReading } = await import('../record/open-database.ts');
  const { asStoreError } = await import('../record/error.ts');
  const db = openForReading(path);
  try {
    return await use(db);
  } catch (error) {
    const ofDatabase = error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_');
    throw ofDatabase ? asStoreError(error, path) : error;
  } finally {
    db.close();
  }
}

/** Prints an answer: cut to the width only where it goes to a terminal. */
export async function printAnswer(answer: Answer, { format, utc }: RowsFlags): Promise<void> {
  const { formatAnswer } = await import('../report/answer.ts');
  const terminal = isTerminal(process.stdout);
  const width = terminal ? process.stdout.columns : undefined;
  const style = styleFor(process.stdout);
  await print(formatAnswer(answer, { format, utc: utc ?? false, terminal, width, style }));
}
