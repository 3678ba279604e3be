import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, writeDatabase } from '../record/database.ts';
import { FIN_FLOW, LEAK_FLOW } from '../record/flows.ts';
import { finwait } from './finwait.ts';

/** A folder with odd.sqlite, changed by some SQL. */
function folderWithOdd(sql: string): string {
  const cwd = temporaryFolder();
  const path = join(cwd, 'odd.sqlite');
  writeDatabase(path, [FIN_FLOW, LEAK_FLOW]);
  const db = new Database(path);
  db.exec(sql);
  db.close();
  return cwd;
}

describe('a database that is merely odd is no bug in finwait', () => {
  it.each([
    ["UPDATE captures SET skipped = 'x'", 'report', 'captures.skipped is no JSON'],
    ['UPDATE flow_data SET first = 9223372036854775807', 'flows', 'flow_data.first is 9223372036854775807'],
    ["UPDATE timeline SET counts = '['", 'states', 'timeline.counts is no JSON'],
  ])('%s: %s', (sql, command, odd) => {
    expect(finwait([command, 'odd.sqlite'], { cwd: folderWithOdd(sql) })).toMatchObject({
      code: 3,
      stderr: `finwait: odd.sqlite: holds what finwait never writes: ${odd}\n`,
    });
  });

  it('what users add is not odd', () => {
    const cwd = folderWithOdd('CREATE TABLE notes (x); CREATE INDEX mine ON flow_data (first)');
    expect(finwait(['report', 'odd.sqlite'], { cwd })).toMatchObject({ code: 0, stderr: '' });
  });
});
