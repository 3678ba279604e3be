import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { compareRelation, type Difference } from '../../scripts/bench/same/compare.ts';
import { Contents } from '../../scripts/bench/same/contents.ts';
import { hashRow } from '../../scripts/bench/same/row-hash.ts';
import { SCHEMA_VERSION } from '../../src/record/files/database-file.ts';
import { type Flow, NOON } from '../record/batches.ts';
import { opened, temporaryFolder, writeDatabase } from '../record/database.ts';
import { ROOT } from '../terminal/finwait.ts';

/** A flow that closes first as a client, told from the others by its port and first frame. */
function flow(n: number, server: string): Flow {
  const at = (ms: number, frame: number) => [ms * 1000, 10 * n + frame, 'seen'] as const;
  return {
    client: '10.0.0.1',
    server,
    columns: { client_port: 40_000 + n, first: NOON + n, first_frame: 10 * n + 1, observed: 90_000 },
    clientLife: { ESTABLISHED: at(1, 1), FIN_WAIT_1: at(20, 3), FIN_WAIT_2: at(30, 4) },
    serverLife: { ESTABLISHED: at(1, 2), CLOSE_WAIT: at(20, 3) },
    history: 'ShF',
    segments: [
      {
        at: 20_000,
        frame: 10 * n + 3,
        endpoint: 'client',
        flags: 17,
        seq: 1,
        ack: 1,
        len: 0,
        meaning: 'FIN',
      },
    ],
  };
}

const FLOWS = ['10.0.0.2', '10.0.0.3', '10.0.0.4'].map((server, n) => flow(n, server));

/** Two databases, of FLOWS and of other flows, or the same. */
function databases(others: readonly Flow[] = FLOWS): { a: string; b: string } {
  const folder = temporaryFolder();
  const [a, b] = [join(folder, 'a.sqlite'), join(folder, 'b.sqlite')];
  writeDatabase(a, FLOWS);
  writeDatabase(b, others);
  return { a, b };
}

function change(path: string, sql: string): void {
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

function compare(pathA: string, pathB: string): Difference[] {
  const [a, b] = [new Contents(pathA), new Contents(pathB)];
  const names = new Set([...a.names, ...b.names]);
  const differences = [...names].flatMap((name) => compareRelation(name, a, b) ?? []);
  a.close();
  b.close();
  return differences;
}

function run(...words: string[]) {
  const args = ['--import', 'tsx', join(ROOT, 'scripts', 'bench', 'same.ts'), ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

describe('two databases are the same', () => {
  it('where every table and view is', () => {
    const { a, b } = databases();
    expect(compare(a, b)).toEqual([]);
  });

  it('however flows and addresses are numbered', () => {
    const { a, b } = databases(FLOWS.toReversed());
    const [first, other] = [a, b].map((path) => opened(path).prepare('SELECT * FROM flow_data').get());
    expect(first).not.toEqual(other);
    expect(compare(a, b)).toEqual([]);
  });

  it('however the timeline is cut into runs', () => {
    const { a, b } = databases(FLOWS.slice(1));
    const half = join(temporaryFolder(), 'half.sqlite');
    writeDatabase(half, FLOWS.slice(0, 1));
    expect(compare(a, b).map(({ relation }) => relation)).toContain('timeline');
    change(
      b,
      `ATTACH '${half}' AS half;
       INSERT INTO timeline SELECT id + 100, run + 100, from_us, counts, changes FROM half.timeline`,
    );
    expect(compare(a, b).map(({ relation }) => relation)).not.toContain('timeline');
  });
});

describe('two databases differ', () => {
  it.each([
    [
      'UPDATE flow_data SET client_fins = 7 WHERE id = 2',
      ['flow_data', 'flows'],
      'client_fins 0 in A, 7 in B',
    ],
    [
      'UPDATE flow_data SET client_fin_wait_2_frame = 9 WHERE id = 2',
      ['flow_data', 'state_intervals'],
      'entered_frame 14 in A, 9 in B',
    ],
    ["UPDATE flow_data SET segments = '[]' WHERE id = 2", ['close_segments', 'flow_data'], 'only in A: '],
    [
      'UPDATE flow_data SET server_close_wait = 21000 WHERE id = 2',
      ['close_waits', 'flow_data', 'state_intervals'],
      'entered_us',
    ],
    ["UPDATE captures SET skipped = '{}', frames = 101", ['captures'], 'frames 100 in A, 101 in B'],
    ['DELETE FROM timeline', ['timeline'], 'only in A: at_us'],
    ["UPDATE timeline SET counts = '[1]'", ['timeline'], 'wrong counts: [1]'],
    ['CREATE TABLE more (x)', ['more', 'schema'], 'only in B'],
    ['PRAGMA user_version = 9', ['settings'], `user_version ${SCHEMA_VERSION} in A, 9 in B`],
    [
      'INSERT INTO addresses VALUES (77, (SELECT ip FROM addresses LIMIT 1))',
      ['addresses'],
      'only in B: ip 10.0.0.1',
    ],
  ])('after %s', (sql, relations, said) => {
    const { a, b } = databases();
    change(b, sql);
    const differences = compare(a, b);
    expect(differences.map(({ relation }) => relation).sort()).toEqual(relations);
    expect(differences.flatMap(({ examples }) => examples).join('\n')).toContain(said);
  });

  it('where one has a flow twice', () => {
    const { a, b } = databases([...FLOWS, FLOWS[0]!]);
    const flows = compare(a, b).find(({ relation }) => relation === 'flows');
    expect(flows).toMatchObject({ rowsOnlyInA: 0, rowsOnlyInB: 1 });
  });

  it('in a column that only one of them has, and in no other', () => {
    const { a, b } = databases();
    change(b, 'ALTER TABLE captures ADD COLUMN mood TEXT');
    expect(compare(a, b).find(({ relation }) => relation === 'captures')).toEqual({
      relation: 'captures',
      columnsOnlyInA: [],
      columnsOnlyInB: ['mood'],
      rowsOnlyInA: 0,
      rowsOnlyInB: 0,
      examples: [],
    });
  });

  it('names the flow that a row belongs to, not its number', () => {
    const { a, b } = databases();
    change(b, 'UPDATE flow_data SET client_fin_wait_2 = NULL WHERE id = 2');
    const states = compare(a, b).find(({ relation }) => relation === 'state_intervals');
    expect(states?.examples.join('\n')).toContain(
      `flow_id 10.0.0.1:40001 > 10.0.0.3:80 at ${NOON + 1}, frame 11 of file 1`,
    );
  });
});

describe('the hash of a row', () => {
  it.each([
    [[1], ['1']],
    [[null], ['']],
    [
      ['a', 'b'],
      ['ab', ''],
    ],
    [
      [1, 2],
      [2, 1],
    ],
    [[0.5], [0.25]],
    [['x'], [Buffer.from('x')]],
    [[2 ** 40], [2 ** 41]],
  ])('tells %j from %j', (one, other) => {
    expect(hashRow(one)).not.toBe(hashRow(other));
    expect(hashRow(one)).toBe(hashRow([...one]));
  });

  it('has no two alike among 200,000 neighbours', () => {
    const hashes = new Set<number>();
    for (let n = 0; n < 200_000; n++) hashes.add(hashRow([n, 'FIN_WAIT_1', NOON + n]));
    expect(hashes.size).toBe(200_000);
  });
});

describe('same.ts', () => {
  it('says of each table and view whether it is the same, and so does its exit code', () => {
    const { a, b } = databases();
    const same = run(a, b);
    expect(same).toMatchObject({ code: 0 });
    expect(same.stdout).toMatch(/^flow_data: the same$[\s\S]*^the same$/m);
    change(b, 'UPDATE flow_data SET client_fins = 7 WHERE id = 2');
    const { code, stdout } = run(a, b);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^timeline: the same$/m);
    expect(stdout).toMatch(/^flows: rows only in A 1, only in B 1$[\s\S]*client_fins 0 in A, 7 in B$/m);
    expect(stdout).toMatch(/^2 differ$/m);
  });

  it('compares only what is named', () => {
    const { a, b } = databases();
    change(b, 'UPDATE flow_data SET client_fins = 7 WHERE id = 2');
    expect(run(a, b, 'captures', 'timeline')).toMatchObject({
      code: 0,
      stdout: 'captures: the same\ntimeline: the same\nthe same\n',
    });
  });

  it.each([
    [['a.sqlite'], 2, 'usage: same.ts'],
    [['a.sqlite', 'missing.sqlite'], 3, 'same: missing.sqlite: unable to open database file'],
    [['a.sqlite', 'a.sqlite', 'nonsense'], 2, 'no such table or view: nonsense'],
  ])('%j ends with %d', (words, code, said) => {
    const { a } = databases();
    const paths = words.map((word) => (word === 'a.sqlite' ? a : word));
    const outcome = run(...paths);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toContain(said);
  });
});
