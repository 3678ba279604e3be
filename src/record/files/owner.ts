import { lstatSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from './error.ts';

// What other users can do in folders that they may write to, and a process of root must not fall for.

/** What SQLite keeps beside a database: it obeys them. */
export const SIDECARS = ['-journal', '-wal', '-shm'];

/** A folder that anybody may write to, but where each may remove only what is their own: /tmp. */
const STICKY_FOR_ALL = 0o1002;

/** Whether a file belongs to this process's user; if there are no users, it does. */
export function isOurs({ uid }: Pick<Stats, 'uid'>): boolean {
  const user = process.geteuid?.();
  return user === undefined || uid === user;
}

/**
 * Refuses, by a StoreError, what another user has put into such a folder, a link or a file, as Linux refuses to
 * write to it (fs.protected_regular): it may lead anywhere, and they could read what is written.
 */
export function checkOwner(path: string): void {
  const folder = statSync(dirname(path));
  if ((folder.mode & STICKY_FOR_ALL) !== STICKY_FOR_ALL) return;
  const stat = lstatSync(path);
  if (isOurs(stat) || stat.uid === folder.uid) return;
  throw new StoreError(
    path,
    'belongs to another user, in a folder that anybody may write to; left alone',
    'EACCES',
  );
}

/**
 * Refuses, by a StoreError, a database beside which somebody has put a journal who is neither this user nor its
 * owner: a journal may have SQLite write to the database, and remove any file.
 */
export function checkSidecars(path: string): void {
  const database = statSync(path, { throwIfNoEntry: false });
  for (const suffix of SIDECARS) {
    const stat = lstatSync(path + suffix, { throwIfNoEntry: false });
    if (stat === undefined || isOurs(stat) || stat.uid === database?.uid) continue;
    throw new StoreError(path, `${path}${suffix} belongs to another user; left alone`, 'EACCES');
  }
}
