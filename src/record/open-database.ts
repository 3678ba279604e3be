import Database from 'better-sqlite3';
import { identifyDatabase, SCHEMA_VERSION, versionReason } from './database-file.ts';
import { asStoreError, StoreError } from './error.ts';

/** Opens one of our databases to read from it. Throws a StoreError where it is none, or cannot be read. */
export function openForReading(path: string): Database.Database {
  try {
    const found = identifyDatabase(path);
    if (found.kind === 'sqlite') throw new StoreError(path, 'a SQLite database, but not one of finwait');
    if (found.kind !== 'finwait') throw new StoreError(path, 'not a finwait database');
    if (found.version !== SCHEMA_VERSION) throw new StoreError(path, versionReason(found.version));
    return new Database(path, { readonly: true, fileMustExist: true });
  } catch (error) {
    throw noSuchFile(error, path) ?? asStoreError(error, path);
  }
}

function noSuchFile(error: unknown, path: string): StoreError | undefined {
  const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return missing ? new StoreError(path, 'no such file', 'ENOENT') : undefined;
}
