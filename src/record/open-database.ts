import { existsSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { sniffFile } from '../capture/files/sniff-file.ts';
import { identifyDatabase, SCHEMA_VERSION, versionReason } from './files/database-file.ts';
import { asStoreError, StoreError } from './files/error.ts';
import { checkSidecars } from './files/owner.ts';
import { recover } from './files/take-over.ts';
import { checkSchema, openChecked } from './live/check-schema.ts';

/** Few pages, which the processor's own cache holds: a scan is a seventh faster than with better-sqlite3's 16 MB. */
const CACHE_KIB = 2000;

/** Opens one of our databases to read from it. Throws a StoreError where it is none, or cannot be read. */
export function openForReading(path: string): Database.Database {
  try {
    const found = identifyDatabase(path);
    if (found.kind === 'sqlite') throw new StoreError(path, 'a SQLite database, but not one of finwait');
    if (found.kind !== 'finwait') throw new StoreError(path, whyNoDatabase(path));
    if (found.version !== SCHEMA_VERSION) throw new StoreError(path, versionReason(found.version));
    checkSidecars(path);
    if (existsSync(`${path}-journal`)) recover(path);
    const db = openChecked(path, { readonly: true, fileMustExist: true }, (each) => checkSchema(each, path));
    db.pragma(`cache_size = -${CACHE_KIB}`);
    return db;
  } catch (error) {
    throw noSuchFile(error, path) ?? asStoreError(error, path);
  }
}

/** What a file is that is not a finwait database, in words. */
function whyNoDatabase(path: string): string {
  switch (sniffFile(path)?.kind) {
    case 'pcap':
    case 'pcapng':
      return 'is a capture, not a database; finwait analyze makes one of it';
    case 'compressed':
      return 'is compressed, not a database; if it is a capture, finwait analyze makes one of it';
    default:
      return 'not a finwait database';
  }
}

function noSuchFile(error: unknown, path: string): StoreError | undefined {
  const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return missing ? new StoreError(path, 'no such file', 'ENOENT') : undefined;
}
