import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { identifyDatabase, SCHEMA_VERSION, versionReason } from './database-file.ts';
import { asStoreError, errorParts, StoreError } from './error.ts';

/** Where a database will be put: its real path, links followed, and what stands there. */
export interface Target {
  path: string;
  /** One of our databases; else nothing, or an empty file. */
  exists: boolean;
  found: Stats | undefined;
}

/**
 * Looks at the place for a database before anything is written. What stands there already must be
 * one of ours (of this version to append to it) or an empty file; anything else is refused with a StoreError.
 */
export function checkTarget(path: string, append: boolean): Target {
  try {
    checkOwner(path);
    const real = realpathSync(path);
    checkOwner(real);
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
    if (errorParts(error).code === 'ENOENT') return { path, exists: false, found: undefined };
    throw asStoreError(error, path);
  }
}

/** Whether the database at a path is being written in place, or was when its writer was killed. */
export function hasJournal(path: string): boolean {
  return ['-wal', '-journal'].some((suffix) => existsSync(path + suffix));
}

/** A folder that anybody may write to, but where each may remove only what is their own: /tmp. */
const STICKY_FOR_ALL = 0o1002;

/**
 * Refuses what another user has put into such a folder, a link or a file, as Linux refuses to write to it
 * (fs.protected_regular): it may lead anywhere, and they could read what is written.
 */
function checkOwner(path: string): void {
  const folder = statSync(dirname(path));
  const user = process.geteuid?.();
  if (user === undefined || (folder.mode & STICKY_FOR_ALL) !== STICKY_FOR_ALL) return;
  const { uid } = lstatSync(path);
  if (uid === user || uid === folder.uid) return;
  throw new StoreError(path, 'another user has put it there, where anybody may; left alone', 'EACCES');
}

/**
 * Puts a finished file in the target's place, with the mode and, where that is allowed, the owner of what stood
 * there. False where somebody has put something there or changed it since it was looked at: then nothing is done.
 * Throws the system's errors.
 */
export function putInPlace(file: string, { path, found }: Pick<Target, 'path' | 'found'>): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  if (!isSame(now, found)) return false;
  syncToDisk(file);
  if (now === undefined) {
    if (!moveToFreePlace(file, path)) return false;
  } else {
    takeOwner(file, now);
    renameSync(file, path);
  }
  syncToDisk(dirname(path));
  return true;
}

/** Puts a finished file beside a target that it may not replace, and returns its path there. */
export function putBeside(file: string, target: string): string {
  for (let n = 2; ; n++) {
    const path = `${target}.${n}`;
    if (putInPlace(file, { path, found: undefined })) return path;
  }
}

/** False where something is. A link does not take the place of what has come there just now, as a rename would. */
function moveToFreePlace(file: string, path: string): boolean {
  try {
    linkSync(file, path);
  } catch {
    // There is something, or the file system has no links.
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return false;
    renameSync(file, path);
  }
  return true;
}

function isSame(a: Stats | undefined, b: Stats | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs;
}

/** Gives a file the owner, the group and the mode of another, as far as this user may. */
export function takeOwner(file: string, { uid, gid, mode }: Stats): void {
  const SAME = -1;
  for (const [user, group] of [
    [uid, SAME],
    [SAME, gid],
  ] as const) {
    try {
      chownSync(file, user, group);
    } catch (error) {
      if (errorParts(error).code !== 'EPERM') throw error;
    }
  }
  chmodSync(file, mode & 0o7777);
}

/** Sees to it that a file or folder is on the disk before the next step. */
function syncToDisk(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
