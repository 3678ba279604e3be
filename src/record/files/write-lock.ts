import { closeSync, lstatSync, openSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { errorParts, StoreError } from './error.ts';
import { forget, removeAtExit } from './temporary.ts';

/**
 * The right to write a database: one process has it at a time. It is SQLite's lock on an empty file beside the
 * database, which the system takes back from a process that is killed; Node.js has no lock of its own.
 */
export class WriteLock {
  readonly #path: string;
  readonly #db: Database.Database;

  private constructor(path: string, db: Database.Database) {
    this.#path = path;
    this.#db = db;
    removeAtExit(path);
  }

  /** Takes the lock of the database at `target`; undefined if another run has it. Throws a StoreError, or the system's. */
  static tryTake(target: string): WriteLock | undefined {
    const path = join(dirname(target), `.${basename(target)}.lock`);
    for (;;) {
      const isNew = create(path);
      const before = inodeOf(path);
      if (before === undefined) continue;
      if (!isNew) checkFound(path, target);
      let db: Database.Database | undefined;
      try {
        db = locked(path);
      } catch (error) {
        if (isNew) rmSync(path, { force: true });
        throw error;
      }
      if (db === undefined) return undefined;
      // Whoever had it before has removed the file, maybe after this one was opened.
      if (inodeOf(path) === before) return new WriteLock(path, db);
      db.close();
    }
  }

  /** Gives the lock back; a second time it does nothing. */
  release(): void {
    if (!this.#db.open) return;
    rmSync(this.#path, { force: true });
    forget(this.#path);
    this.#db.close();
  }
}

/** Makes the file; false if it is there already. */
function create(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch (error) {
    if (errorParts(error).code === 'EEXIST') return false;
    throw error;
  }
}

/** Which file it is, with the time of its making, as an inode's number is used again; undefined if there is none. */
function inodeOf(path: string): string | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.dev} ${stat.ino} ${stat.ctimeNs}`;
}

/** SQLite acts on what a prepared file holds: only an empty file of this user is safe to open. */
function checkFound(path: string, target: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isFile() || stat.size > 0) {
    throw new StoreError(target, `${path} is in the way: it is no lock of finwait; left alone`);
  }
  const user = process.geteuid?.();
  if (user !== undefined && stat.uid !== user) {
    throw new StoreError(target, `another user is writing it; if that is long over, remove ${path}`);
  }
}

/** The file with the lock on it; undefined if another one has that. */
function locked(path: string): Database.Database | undefined {
  const db = new Database(path, { timeout: 0 });
  try {
    // Else it would make a journal beside the file.
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db.close();
    if (errorParts(error).code === 'SQLITE_BUSY') return undefined;
    throw error;
  }
}
