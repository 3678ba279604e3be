import { existsSync, realpathSync, statSync } from 'node:fs';
import { identifyDatabase, SCHEMA_VERSION, versionReason } from './database-file.ts';
import { asStoreError, errorParts, StoreError } from './error.ts';
import { takeOver } from './take-over.ts';

/** Where a database will be put: its real path, links followed, and whether one of ours is there. */
export interface Target {
  path: string;
  exists: boolean;
}

/**
 * Looks at the place for a database before anything is written. What stands there already must be
 * one of ours (of this version to append to it) or an empty file; anything else is refused with a StoreError.
 */
export function checkTarget(path: string, append: boolean): Target {
  try {
    const real = realpathSync(path);
    const stat = statSync(real);
    if (stat.isDirectory())
      throw new StoreError(path, 'is a directory, not a place for a database', 'EISDIR');
    if (!stat.isFile()) throw new StoreError(path, 'is not a regular file');
    const found = identifyDatabase(real);
    if (found.kind === 'other')
      throw new StoreError(path, 'exists and is not a finwait database; left alone');
    if (found.kind === 'sqlite') {
      throw new StoreError(path, 'exists and is a database of another program; left alone');
    }
    if (['-wal', '-journal'].some((suffix) => existsSync(real + suffix))) {
      if (found.kind === 'empty') throw new StoreError(path, 'is open in another program');
      takeOver(real);
    }
    if (append && found.kind === 'finwait' && found.version !== SCHEMA_VERSION) {
      throw new StoreError(path, versionReason(found.version));
    }
    return { path: real, exists: found.kind === 'finwait' };
  } catch (error) {
    if (errorParts(error).code === 'ENOENT') return { path, exists: false };
    throw asStoreError(error, path);
  }
}
