import Database from 'better-sqlite3';

/** How long others may go on reading, in ms. */
export const BUSY_TIMEOUT_MS = 2000;

/**
 * Makes a finwait database a single file again, whose writer was killed and left a journal beside it.
 * Throws a StoreError where some program still has it open.
 */
export function takeOver(path: string): void {
  const db = new Database(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    // Only who has it alone may leave WAL, or hold all its locks.
    db.pragma('journal_mode = DELETE');
    db.exec('BEGIN EXCLUSIVE; COMMIT');
  } finally {
    db.close();
  }
}

/** Rolls back what a killed process had half written, which who only reads cannot; does nothing if that is not allowed. */
export function recover(path: string): void {
  try {
    const db = new Database(path);
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    db.close();
  } catch {
    // Reading tells.
  }
}
