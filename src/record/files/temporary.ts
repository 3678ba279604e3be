import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isOurs } from './owner.ts';
import { createFile } from './place.ts';

// Databases in the making are in a folder of their own beside their target, so that a rename puts them in
// its place at once. Nobody else can enter it, and mkdtemp makes it new under a name that nobody could
// guess: what others have prepared, a link or the journal of a database, is not met there. They are
// removed however the process ends, short of being killed.

const open = new Set<string>();
let hooked = false;

/** What mkdtemp appends. */
const RANDOM = /^[A-Za-z0-9]{6}$/;

/** What the names of a target's temporary folders begin with. */
const prefixFor = (target: string) => `.${basename(target)}.tmp-`;

/** Makes an empty file, for this user alone, that is to take the place of `target`. Throws the system's errors. */
export function temporaryFor(target: string): string {
  const folder = mkdtempSync(join(dirname(target), prefixFor(target)));
  removeAtExit(folder);
  const path = join(folder, 'database');
  createFile(path);
  return path;
}

/** Removes a file made by temporaryFor, where it still is, and its folder with all that SQLite has left in it. */
export function removeTemporary(path: string): void {
  const folder = dirname(path);
  if (!open.has(folder)) return;
  forget(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** Removes what runs that were killed have left beside `target`. Only the holder of its WriteLock may call this. */
export function removeLeftOvers(target: string): void {
  const folder = dirname(target);
  const prefix = prefixFor(target);
  for (const name of namesIn(folder)) {
    if (!name.startsWith(prefix) || !RANDOM.test(name.slice(prefix.length))) continue;
    const path = join(folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    // Another user could change theirs while it is removed, and have something else removed instead.
    if (stat?.isDirectory() && isOurs(stat)) removeQuietly(path);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // One that may be written to, but not read.
    return [];
  }
}

/** Has a file or folder removed when the process ends, unless forget() comes before. */
export function removeAtExit(path: string): void {
  if (!hooked) process.on('exit', () => open.forEach(removeQuietly));
  hooked = true;
  open.add(path);
}

/** The file or folder is gone, or no longer temporary. */
export function forget(path: string): void {
  open.delete(path);
}

/** Leaves what cannot be removed, as another thread is still writing into it, or it is another user's. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // The next run tries again.
  }
}
