import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

// Temporary files live beside their target, so that a rename puts them in its place at once. They
// are removed however the process ends, short of being killed: by abort() or by the exit hook.

const open = new Set<string>();
let hooked = false;

/** Name of a temporary file for `target`, removed at exit until forgetTemporary(). */
export function temporaryFor(target: string, suffix = 'tmp'): string {
  if (!hooked) process.on('exit', () => open.forEach(removeTemporary));
  hooked = true;
  const path = join(dirname(target), `.${basename(target)}.${process.pid}.${suffix}`);
  open.add(path);
  return path;
}

/** Removes the file, and the journal SQLite may have made beside it. */
export function removeTemporary(path: string): void {
  open.delete(path);
  for (const suffix of ['', '-journal']) rmSync(path + suffix, { force: true });
}

/** The file has become the target. */
export function forgetTemporary(path: string): void {
  open.delete(path);
}
