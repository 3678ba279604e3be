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
    ["UPDATE captures SET skipped = 'x'", 'report', 'captures.skipped is not the JSON that it should be'],
    ["UPDATE captures SET skipped = 'null'", 'report', 'captures.skipped is not the JSON that it should be'],
    ['UPDATE captures SET last_us = 9223372036854775807', 'states', 'captures.last_us is no time'],
    ['UPDATE captures SET first_us = -9223372036854775808', 'report', 'captures.first_us is no time'],
    ["UPDATE timeline SET counts = 'null'", 'states', 'timeline.counts is not the JSON that it should be'],
    [
      "UPDATE timeline SET counts = '[9e99,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]'",
      'states',
      'timeline.counts is not the JSON that it should be',
    ],
    ["UPDATE flow_data SET segments = '[1]'", 'show', 'flow_data.segments is not the JSON that it should be'],
    ['UPDATE flow_data SET client_address = 999', 'show', 'flow_data.client_address is no address'],
    ['DELETE FROM addresses', 'show', 'flow_data.client_address is no address'],
    ['UPDATE flow_data SET first = 9223372036854775807', 'flows', 'flow_data.first is 9223372036854775807'],
    ["UPDATE timeline SET counts = '['", 'states', 'timeline.counts is not the JSON that it should be'],
  ])('%s: %s', (sql, command, odd) => {
    const words = command === 'show' ? ['1'] : [];
    expect(finwait([command, 'odd.sqlite', ...words], { cwd: folderWithOdd(sql) })).toMatchObject({
      code: 3,
      stderr: `finwait: odd.sqlite: holds what finwait never writes: ${odd}\n`,
    });
  });

  it('what users add is not odd', () => {
    const cwd = folderWithOdd('CREATE TABLE notes (x); CREATE INDEX mine ON flow_data (first)');
    expect(finwait(['report', 'odd.sqlite'], { cwd })).toMatchObject({ code: 0, stderr: '' });
  });
});
