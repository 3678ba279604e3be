import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, writeDatabase } from '../record/database.ts';
import { FIN_FLOW, LEAK_FLOW } from '../record/flows.ts';
import { finwait } from './finwait.ts';

const POOL = fileURLToPath(new URL('../../captures/healthy/pool.pcap', import.meta.url));

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

const ENDLESS = 'WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT';

describe('tables and views that are not as finwait makes them are not read', () => {
  it.each([
    ['DROP VIEW close_segments', 'close_segments is missing'],
    ['DROP TABLE timeline', 'timeline is missing'],
    ['ALTER TABLE captures RENAME COLUMN path TO file', 'captures reads otherwise'],
    [`DROP VIEW flows; CREATE VIEW flows AS ${ENDLESS} x AS id FROM c`, 'flows reads otherwise'],
    [
      `ALTER TABLE flow_data RENAME TO f; CREATE VIEW flow_data AS ${ENDLESS} f.* FROM c, f`,
      'flow_data reads otherwise',
    ],
    ['DROP TABLE addresses; CREATE VIRTUAL TABLE addresses USING fts5 (id, ip)', 'addresses reads otherwise'],
  ])('%s', (sql, odd) => {
    const cwd = folderWithOdd(sql);
    const refused = { code: 3, stderr: `finwait: odd.sqlite: is no database as finwait makes it: ${odd}\n` };
    for (const words of [['report'], ['diagnose'], ['query', 'odd.sqlite', 'SELECT count(*) FROM flows']]) {
      const [command = '', path = 'odd.sqlite', ...rest] = words;
      expect(finwait([command, path, ...rest], { cwd })).toMatchObject(refused);
    }
    expect(finwait(['analyze', '--append', '--db', 'odd.sqlite', POOL], { cwd })).toMatchObject(refused);
  });

  it.each([
    'CREATE VIEW mine AS SELECT * FROM flows',
    'CREATE TABLE notes (x); CREATE INDEX mine ON flow_data (client_port)',
    `CREATE VIEW endless AS ${ENDLESS} x FROM c`,
    'VACUUM; ANALYZE',
  ])('what users add is read and added to: %s', (sql) => {
    const cwd = folderWithOdd(sql);
    for (const command of ['report', 'diagnose', 'states'])
      expect(finwait([command, 'odd.sqlite'], { cwd })).toMatchObject({ stderr: '' });
    expect(finwait(['analyze', '-q', '--append', '--db', 'odd.sqlite', POOL], { cwd })).toMatchObject({
      code: 0,
    });
  });

  it('a trigger is read past, but not run', () => {
    const cwd = folderWithOdd(
      'CREATE TRIGGER mine AFTER INSERT ON captures BEGIN DELETE FROM flow_data; END',
    );
    expect(finwait(['report', 'odd.sqlite'], { cwd })).toMatchObject({ code: 0 });
    expect(finwait(['analyze', '--append', '--db', 'odd.sqlite', POOL], { cwd })).toMatchObject({
      code: 3,
      stderr: 'finwait: odd.sqlite: has a trigger, mine, which finwait would run: drop it first\n',
    });
  });

  it('one in whose place a new one is put is not read', () => {
    const cwd = folderWithOdd(`DROP TABLE captures; CREATE VIEW captures AS ${ENDLESS} x AS id FROM c`);
    expect(finwait(['analyze', '-q', '--db', 'odd.sqlite', POOL], { cwd })).toMatchObject({ code: 0 });
  });
});
