import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { finwait, ROOT } from '../terminal/finwait.ts';
import { temporaryFolder } from './database.ts';
import { lacks } from './program.ts';

/** In a database's header: how it is written and read, 1 by rollback journal, 2 by WAL. */
const FILE_FORMAT = [18, 19];

/** Opens a database as Python's readers do (datasette: read-only and immutable) and reads all of every table and view. */
const READ_EVERYTHING = `
import json, sqlite3, sys
db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro&immutable=1", uri=True)
names = [name for (name,) in db.execute(
    "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'")]
print(json.dumps({name: len(db.execute(f"SELECT * FROM [{name}]").fetchall()) for name in names}))
`;

/** A folder with web.sqlite, of a recorded capture. */
function analyzed(): string {
  const folder = temporaryFolder();
  const capture = join(ROOT, 'captures', 'close-wait-leak.pcap');
  expect(finwait(['analyze', '-q', '--db', 'web.sqlite', capture], { cwd: folder }).code).toBe(0);
  return folder;
}

it('a finished database is one file, without WAL', () => {
  const folder = analyzed();
  expect(finwait(['states', 'web.sqlite'], { cwd: folder }).code).toBe(0);
  expect(readdirSync(folder)).toEqual(['web.sqlite']);
  const header = readFileSync(join(folder, 'web.sqlite'));
  expect(FILE_FORMAT.map((at) => header[at])).toEqual([1, 1]);
});

it.skipIf(lacks('python3'))('Python reads every table and view of it', () => {
  const { status, stdout, stderr } = spawnSync(
    'python3',
    ['-c', READ_EVERYTHING, join(analyzed(), 'web.sqlite')],
    { encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    captures: 1,
    flows: 3,
    flow_data: 3,
    timeline: 1,
    state_intervals: 21,
    close_waits: 3,
    time_waits: 0,
  });
});
