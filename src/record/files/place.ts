import {
  chmodSync,
  chownSync,
  closeSync,
  fchownSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { sudoUser } from '../../capture/live/live-user.ts';
import { errorParts } from './error.ts';
import { hasJournal, type Target } from './target.ts';

/**
 * Puts a finished file in the target's place, with the mode and, if that is allowed, the owner of what stood
 * there. False if somebody has put something there or changed it since it was looked at: then nothing is done.
 * Throws the system's errors.
 */
export function putInPlace(file: string, { path, found }: Pick<Target, 'path' | 'found'>): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  // A database that another program is changing has its changes beside it.
  if (!isSame(now, found) || (now !== undefined && hasJournal(path))) return false;
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

/** False if the path is taken. link() fails if it exists; rename() would overwrite what was created meanwhile. */
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

/** Makes an empty file for its user alone. What root makes for a user, by sudo, is that user's. */
export function createFile(path: string): void {
  const file = openSync(path, 'wx', 0o600);
  const user = sudoUser();
  // By its descriptor: another file may be at the path by now.
  if (user !== undefined) fchownSync(file, user.uid, user.gid);
  closeSync(file);
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
