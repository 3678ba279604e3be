import { existsSync, lstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { identifyDatabase, SCHEMA_VERSION, versionReason } from './database-file.ts';
import { asStoreError, errorParts, StoreError } from './error.ts';
import { checkOwner, checkSidecars } from './owner.ts';

/** What SQLite keeps beside a database whose last change is not all in it. */
const JOURNALS = ['-wal', '-journal'];

/** Where a database will be put: its real path, links followed, and what stands there. */
export interface Target {
  path: string;
  /** One of our databases; else nothing, or an empty file. */
  exists: boolean;
  found: Stats | undefined;
}

/**
 * Looks at the place for a database before anything is written. What stands there already must be
 * a finwait database (of this version to append to it) or an empty file; anything else is refused with a StoreError.
 */
export function checkTarget(path: string, append: boolean): Target {
  try {
    checkOwner(path);
    const real = realpathSync(path);
    checkOwner(real);
    checkSidecars(real);
    const found = statSync(real);
    if (found.isDirectory())
      throw new StoreError(path, 'is a directory, not a place for a database', 'EISDIR');
    if (!found.isFile()) throw new StoreError(path, 'is not a regular file');
    const database = identifyDatabase(real);
    switch (database.kind) {
      case 'other':
        throw new StoreError(path, 'exists and is not a finwait database; left alone');
      case 'sqlite':
        throw new StoreError(path, 'exists and is a database of another program; left alone');
      case 'empty':
        if (hasJournal(real)) throw new StoreError(path, 'is open in another program');
        return { path: real, exists: false, found };
      case 'finwait':
        if (append && database.version !== SCHEMA_VERSION)
          throw new StoreError(path, versionReason(database.version));
        return { path: real, exists: true, found };
    }
  } catch (error) {
    if (errorParts(error).code !== 'ENOENT') throw asStoreError(error, path);
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();
    // What a link leads to is not there yet.
    if (isLink) return checkTarget(resolve(dirname(path), readlinkSync(path)), append);
    checkStray(path);
    return { path, exists: false, found: undefined };
  }
}

/** Refuses a place beside which a journal lies whose database is gone: SQLite would take it for that of the new one. */
function checkStray(path: string): void {
  const stray = journalOf(path);
  if (stray === undefined) return;
  throw new StoreError(path, `${stray} is there without its database: move it away, or remove it`);
}

/** Whether the database at a path is being written in place, or was when its writer was killed. */
export function hasJournal(path: string): boolean {
  return journalOf(path) !== undefined;
}

function journalOf(path: string): string | undefined {
  return JOURNALS.map((suffix) => path + suffix).find((each) => existsSync(each));
}
