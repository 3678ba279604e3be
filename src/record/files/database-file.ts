import { closeSync, openSync, readSync } from 'node:fs';

/** `FINW` in PRAGMA application_id: the database is finwait's. */
export const APPLICATION_ID = 0x46494e57;
/** PRAGMA user_version: grows when tables or views change, so that one finwait cannot read or extend the database of another. */
export const SCHEMA_VERSION = 3;

// Offsets in the 100-byte header of a database file, sqlite.org/fileformat2.html section 1.3.
const MAGIC = 'SQLite format 3\0';
const USER_VERSION = 60;
const APPLICATION = 68;
const HEADER_LENGTH = 100;

/** What stands at a path: nothing in it, some other file, SQLite of somebody else, or ours with its schema version. */
export type DatabaseFile =
  | { kind: 'empty' }
  | { kind: 'other' }
  | { kind: 'sqlite' }
  | { kind: 'finwait'; version: number };

/** Reads the header of the file at `path`. Throws the system's error if that fails. */
export function identifyDatabase(path: string): DatabaseFile {
  const header = Buffer.alloc(HEADER_LENGTH);
  const file = openSync(path, 'r');
  try {
    const length = readSync(file, header, 0, HEADER_LENGTH, 0);
    if (length === 0) return { kind: 'empty' };
    if (length < HEADER_LENGTH || header.toString('latin1', 0, MAGIC.length) !== MAGIC)
      return { kind: 'other' };
    if (header.readUInt32BE(APPLICATION) !== APPLICATION_ID) return { kind: 'sqlite' };
    return { kind: 'finwait', version: header.readUInt32BE(USER_VERSION) };
  } finally {
    closeSync(file);
  }
}

/** Why a database of another schema version is of no use here. */
export function versionReason(version: number): string {
  const age = version > SCHEMA_VERSION ? 'a newer' : 'an older';
  return `was written by ${age} finwait (schema ${version}, this one uses ${SCHEMA_VERSION}); analyze the captures again`;
}
