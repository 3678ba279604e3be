import Database from 'better-sqlite3';

/**
 * Opens a database without journal and syncing, for a file that nobody else knows: where writing fails, it is thrown
 * away.
 */
export function openWithoutJournal(path: string): Database.Database {
  const db = new Database(path);
  // better-sqlite3 is "defensive" by default: then SQLite keeps a journal, whatever is asked for.
  db.unsafeMode();
  for (const setting of ['journal_mode = OFF', 'synchronous = OFF', 'locking_mode = EXCLUSIVE'])
    db.pragma(setting);
  return db;
}
