import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import { beginsAs, type FileIdentity, identityOf } from '../../capture/files/file-identity.ts';
import { firstTimeUs } from '../../capture/files/first-time.ts';
import { errorParts, RefusedError } from './error.ts';

/** What tells one capture from another. */
export interface KnownCapture {
  /** As given on the command line. */
  path: string;
  /** Of a regular file; what it was when it was read. */
  file?: FileIdentity | undefined;
  format: string;
  frames: number;
  /** Microseconds since the epoch. */
  firstUs: number;
  lastUs: number;
}

type Row = Omit<KnownCapture, 'file'> & { size: number | null; head: string; tail: string };

/** SQLite's words for a database of another version, and for one that is damaged. */
const DO_NOT_TELL = ['SQLITE_ERROR', 'SQLITE_CORRUPT', 'SQLITE_NOTADB'];

/** The captures in one of our databases; none if it does not tell. */
export function knownCaptures(database: string): KnownCapture[] {
  const db = new Database(database, { readonly: true });
  try {
    // One of an older version has no such table; what is no table at all is not read.
    const isTable = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = ? AND type = 'table'");
    if (isTable.get('captures') === undefined) return [];
    const hasFiles = isTable.get('capture_files');
    const files = hasFiles
      ? 'size, head_sha256 AS head, tail_sha256 AS tail FROM captures LEFT JOIN capture_files ON capture_id = id'
      : 'NULL AS size, NULL AS head, NULL AS tail FROM captures';
    const rows = db.prepare<[], Row>(
      `SELECT path, format, frames, first_us AS firstUs, last_us AS lastUs, ${files} ORDER BY id`,
    );
    return rows.all().map(({ size, head, tail, ...capture }) => ({
      ...capture,
      file: size === null ? undefined : { size, head, tail },
    }));
  } catch (error) {
    if (DO_NOT_TELL.includes(errorParts(error).code ?? '')) return [];
    throw error;
  } finally {
    db.close();
  }
}

/** A capture that is about to be read. */
export type NewCapture = Pick<KnownCapture, 'path' | 'file'>;

/**
 * Throws a RefusedError where a file is one of the captures that a database holds: all in it would count twice.
 * So would what it held before where it has only grown since.
 */
export function refuseKnownFile(
  { path, file }: NewCapture,
  known: readonly KnownCapture[],
  database: string,
): void {
  if (file === undefined) return;
  const same = known.find((before) => before.frames > 0 && before.file && beginsAs(path, file, before.file));
  if (same?.file === undefined) return;
  const grown = file.size > same.file.size ? ', which has grown since' : '';
  throw addedTwice(`${database} already has ${path}${alias(same, path)}${grown}`);
}

/** Throws a RefusedError if two of the files are the same capture, but for those without a packet. */
export async function refuseTwins(files: readonly NewCapture[]): Promise<void> {
  for (const [i, { path, file }] of files.entries()) {
    const twin = files.slice(0, i).find((each) => file && each.file && isSameFile(each.file, file));
    if (twin !== undefined && !Number.isNaN(await firstTimeUs(path))) {
      throw addedTwice(`${path} is the same capture as ${twin.path}`);
    }
  }
}

/**
 * Throws a RefusedError where what was read is a capture that was known before, or among what was read. A
 * stream, and what is in a file of another format, is known by the number of its frames and their times.
 */
export function refuseKnownTraffic(
  read: readonly KnownCapture[],
  known: readonly KnownCapture[],
  database: string,
): void {
  read.forEach((capture, i) => {
    const before = known.find((each) => isSameTraffic(each, capture));
    if (before) throw addedTwice(`${database} already has ${capture.path}${alias(before, capture.path)}`);
    const twin = read.slice(0, i).find((each) => isSameTraffic(each, capture));
    if (twin) throw addedTwice(`${capture.path} is the same capture as ${twin.path}`);
  });
}

/**
 * Throws a RefusedError where a database, named after a capture and in this folder, is that of another capture
 * of the same name.
 */
export function refuseNamesake(path: string, known: readonly KnownCapture[], database: string): void {
  const [other] = known;
  const file = identityOf(path);
  const isOwn = known.some(
    (each) =>
      realPath(each.path) === realPath(path) || (each.file && file && beginsAs(path, file, each.file)),
  );
  if (other === undefined || isOwn) return;
  throw new RefusedError(
    `${database} is the database of ${other.path}, not of ${path}: name another with --db, or replace it with --force`,
  );
}

function addedTwice(what: string): RefusedError {
  return new RefusedError(`${what}: all in it would be counted twice; --again adds it all the same`);
}

/** The path under which it is known, if that is another one. */
const alias = (known: KnownCapture, path: string) => (known.path === path ? '' : `, as ${known.path}`);

function isSameTraffic(a: KnownCapture, b: KnownCapture): boolean {
  if (a.frames === 0) return false;
  // Of two such files their bytes tell, unless they are compressed.
  if (a.file && b.file && a.format === b.format && (isSameFile(a.file, b.file) || !a.format.includes('+'))) {
    return isSameFile(a.file, b.file);
  }
  return a.frames === b.frames && a.firstUs === b.firstUs && a.lastUs === b.lastUs;
}

function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.size === b.size && a.head === b.head && a.tail === b.tail;
}

/** With links followed, if there is such a file. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
