import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openWithoutJournal } from '../../../src/record/files/without-journal.ts';
import { temporaryFolder } from '../database.ts';

it('opens a database without journal and syncing', () => {
  const db = openWithoutJournal(join(temporaryFolder(), 'run.sqlite'));
  expect(db.pragma('journal_mode', { simple: true })).toBe('off');
  expect(db.pragma('synchronous', { simple: true })).toBe(0);
  db.close();
});
