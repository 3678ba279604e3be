import type { Database } from 'better-sqlite3';
import { type Command, Option } from 'commander';
import type { Answer } from '../../report/answer.ts';
import { FORMATS, type Format } from '../../report/rows.ts';
import { UsageError } from '../base/exit.ts';
import { outputLayout, print } from '../base/output.ts';

/** The options of every command that prints rows. */
export interface RowsFlags {
  format: Format;
  crlf?: true;
  utc?: true;
}

/** The argument of every command that asks a database. */
export const DATABASE = ['<db>', 'a database that finwait wrote'] as const;

/** The last lines of the help of a command that only asks a database. */
export const EXIT_CODES = 'Exit codes: 0 done, 2 usage, 3 not a database of finwait, 4 permission denied.\n';

/** The option of every command that shows or reads times. */
export const UTC = ['--utc', 'times in UTC, not local'] as const;

/** Adds `--format`, for rows or what else a command prints, and `--crlf`. */
export function addFormatOptions(
  command: Command,
  description = 'how rows are printed',
  choices: readonly string[] = FORMATS,
): Command {
  return command
    .addOption(new Option('-f, --format <format>', description).choices(choices).default('table'))
    .option('--crlf', 'end the lines of csv in CRLF, as RFC 4180 has it, instead of LF')
    .hook('preAction', (_, asked) => {
      const { format, crlf } = asked.opts<Partial<RowsFlags>>();
      if (crlf && format !== 'csv') throw new UsageError('--crlf is for --format csv');
    });
}

/** Adds `--format`, `--crlf` and `--utc`. */
export function addRowsOptions(command: Command): Command {
  return addFormatOptions(command).option(...UTC);
}

/** Opens a database, which is only read, for as long as `use` takes. */
export async function withDatabase<T>(path: string, use: (db: Database) => T | Promise<T>): Promise<T> {
  const { openForReading } = await import('../../record/open-database.ts');
  const { asStoreError, errorParts, StoreError } = await import('../../record/files/error.ts');
  const db = openForReading(path);
  try {
    return await use(db);
  } catch (error) {
    if (errorParts(error).code?.startsWith('SQLITE_')) throw asStoreError(error, path);
    // Not finwait's error: the database may hold what finwait never writes.
    const odd = isUnexpected(error)
      ? (await import('../../record/schema/oddity.ts')).whatIsOdd(db)
      : undefined;
    throw odd === undefined ? error : new StoreError(path, `holds what finwait never writes: ${odd}`);
  } finally {
    db.close();
  }
}

/** Errors of JavaScript itself, which nobody throws on purpose. */
function isUnexpected(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
}

/** Prints an answer. */
export async function printAnswer(answer: Answer, { format, crlf, utc }: RowsFlags): Promise<void> {
  const { formatAnswer } = await import('../../report/answer.ts');
  await print(formatAnswer(answer, { ...outputLayout(), format, crlf, utc: utc ?? false }));
}
