import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { QUERY_GROUPS, queryNames } from '../../../src/report/named-query.ts';
import { parametersOf } from '../../../src/terminal/options/query-parameters.ts';
import { temporaryFolder, writeDatabase } from '../../record/database.ts';
import { FIN_FLOW, LEAK_FLOW } from '../../record/flows.ts';
import { lacks } from '../../record/program.ts';
import { finwait, MAIN, ROOT } from '../finwait.ts';

/** A folder with web.sqlite, which holds two flows. */
function folderWithDatabase(): string {
  const folder = temporaryFolder();
  writeDatabase(join(folder, 'web.sqlite'), [FIN_FLOW, LEAK_FLOW]);
  return folder;
}

function query(...words: string[]) {
  return finwait(['query', ...words], { cwd: folderWithDatabase() });
}

describe('rows', () => {
  it('come as a table', () => {
    expect(query('web.sqlite', 'SELECT id, close_kind, opened_us IS NULL AS late FROM flows')).toEqual({
      code: 0,
      stdout: 'id  close_kind  late\n 1  fin            0\n 2  half           1\n',
      stderr: '',
    });
  });

  it('come as JSON', () => {
    const { stdout } = query('--format', 'json', 'web.sqlite', 'SELECT id, reset_by, close_kind FROM flows');
    expect(JSON.parse(stdout)).toEqual([
      { id: 1, reset_by: null, close_kind: 'fin' },
      { id: 2, reset_by: null, close_kind: 'half' },
    ]);
  });

  it.each([[['-']], [[]]])('answer a query from standard input: %j', (words) => {
    const sql = '-- all\nSELECT count(*) AS n FROM flows;\n';
    const { stdout } = finwait(['query', 'web.sqlite', ...words], { cwd: folderWithDatabase(), input: sql });
    expect(stdout).toBe('n\n2\n');
  });

  it('answer a named query', () => {
    expect(query('web.sqlite', 'close-kinds')).toEqual({
      code: 0,
      stdout: 'close_kind  flows  percent\nfin             1       50\nhalf            1       50\n',
      stderr: '',
    });
  });
});

describe('refusals', () => {
  it.each([
    ['a word that is no SQL', ['web.sqlite', 'SELEC'], 2, /SQL: near "SELEC": syntax error/],
    ['a column that is none', ['web.sqlite', 'SELECT nosuch FROM flows'], 2, /no such column: nosuch/],
    ['two statements', ['web.sqlite', 'SELECT 1; SELECT 2'], 2, /more than one statement/],
    ['no statement', ['web.sqlite', '/* none */'], 2, /no statements/],
    ['a change', ['web.sqlite', 'DELETE FROM flow_data'], 2, /only reads/],
    ['a copy to another file', ['web.sqlite', "VACUUM INTO 'copy.sqlite'"], 2, /only reads/],
    ['another database', ['web.sqlite', "ATTACH 'copy.sqlite' AS copy"], 2, /only reads/],
    ['no SQL', ['web.sqlite'], 2, /the query is empty; finwait query --list shows/],
    ['no database', [], 2, /which database\?/],
    [
      'a query that has no name like this',
      ['web.sqlite', 'nosuch'],
      2,
      /no query named nosuch; finwait query --list/,
    ],
    ['a name with a slip', ['web.sqlite', 'close-kind'], 2, /did you mean close-kinds\?/],
    ['a part of a name', ['web.sqlite', 'leaks'], 2, /did you mean close-wait-leaks\?/],
    ['a path as name', ['--show', '../queries/close-kinds'], 2, /no query named/],
    ['--list and --show', ['--list', '--show', 'close-kinds'], 2, /cannot be used with/],
    [
      'a parameter that is not given',
      ['web.sqlite', 'SELECT :a, :b', '-p', 'a=1'],
      2,
      /needs --param b=VALUE; its parameters are :a, :b/,
    ],
    ['a parameter too many', ['web.sqlite', 'SELECT :a', '-p', 'c=1'], 2, /no parameter :c; it has :a\n/],
    [
      'a parameter of no named query',
      ['web.sqlite', 'close-kinds', '-p', 'limit=1'],
      2,
      /no parameter :limit; it has none/,
    ],
    [
      'a text where a named query needs a number',
      ['web.sqlite', 'states-at', '-p', 'at=2024-05-01T12:00:00Z'],
      2,
      /--param at is a number, not 2024-05-01T12:00:00Z\n/,
    ],
    ['a value that SQL cannot use', ['web.sqlite', 'SELECT 1 LIMIT 0.5'], 2, /SQL: datatype mismatch/],
    ['a value that is too big', ['web.sqlite', 'SELECT zeroblob(2e9)'], 2, /SQL: string or blob too big/],
    ['a parameter without a name', ['web.sqlite', 'SELECT ?'], 2, /write :name instead of \?/],
    [
      'a parameter without a value',
      ['web.sqlite', 'SELECT 1', '--param', 'a'],
      2,
      /It is written name=value/,
    ],
    ['a time that is none', ['web.sqlite', 'SELECT 1', '--timeout', 'soon'], 2, /a number and us, ms, s/],
    ['a change of the journal', ['web.sqlite', 'PRAGMA journal_mode = wal'], 2, /only reads|readonly/],
    [
      'an unknown format',
      ['--format', 'xml', 'web.sqlite', 'SELECT 1'],
      2,
      /Allowed choices are table, json/,
    ],
    ['an unknown option', ['--formt', 'csv', 'web.sqlite', 'SELECT 1'], 2, /Did you mean --format/],
    ['a missing database', ['nosuch.sqlite', 'SELECT 1'], 3, /^finwait: nosuch.sqlite: no such file\n$/],
    ['a folder', ['.', 'SELECT 1'], 3, /^finwait: .: is a directory\n$/],
  ])('%s', (_, words, code, message) => {
    const folder = folderWithDatabase();
    const outcome = finwait(['query', ...words], { cwd: folder });
    expect(outcome).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
    expect(readdirSync(folder)).toEqual(['web.sqlite']);
  });

  it('a capture: it says what makes a database of it', () => {
    for (const command of [
      ['flows'],
      ['report'],
      ['states'],
      ['diagnose'],
      ['show', '1'],
      ['query', 'SELECT 1'],
    ]) {
      const [name, ...rest] = command as [string, ...string[]];
      const path = join(ROOT, 'captures', 'close-wait-leak.pcap');
      expect(finwait([name, path, ...rest])).toEqual({
        code: 3,
        stdout: '',
        stderr: `finwait: ${path}: is a capture, not a database; finwait analyze makes one of it\n`,
      });
    }
  });

  it('a file that is no database', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'notes.txt'), 'hello');
    const outcome = finwait(['query', 'notes.txt', 'SELECT 1'], { cwd: folder });
    expect(outcome).toEqual({ code: 3, stdout: '', stderr: 'finwait: notes.txt: not a finwait database\n' });
  });

  it('shows control characters of a file name instead of sending them', () => {
    const { stderr } = query('\x1b[2J.sqlite', 'SELECT 1');
    expect(stderr).toBe('finwait: \\x1b[2J.sqlite: no such file\n');
  });
});

describe('parameters', () => {
  it.each([
    ['a=12', 12, 'integer'],
    ['a=-1.5', -1.5, 'real'],
    ['a=9007199254740993', 9007199254740993n, 'integer'],
    ['a=1.2.3.4', '1.2.3.4', 'text'],
    ['a=b=c', 'b=c', 'text'],
    ['a=', null, 'null'],
    [':a=1', 1, 'integer'],
  ])('%s is %s, %s', (param, value, type) => {
    const sql = 'SELECT :a AS value, typeof(:a) AS type, @a IS $a AS same';
    const { stdout } = query('web.sqlite', sql, '--param', param, '--format', 'jsonl');
    const text = typeof value === 'bigint' ? String(value) : JSON.stringify(value);
    expect(stdout).toBe(`{"value":${text},"type":"${type}","same":1}\n`);
  });

  it('the last of a name counts', () => {
    expect(query('web.sqlite', 'SELECT :a AS a', '-p', 'a=1', '-p', 'a=2').stdout).toBe('a\n2\n');
  });

  it('of a named query take the place of its defaults', () => {
    const { stdout } = query('web.sqlite', 'closed-first', '-p', 'limit=1', '--format', 'csv');
    expect(stdout.split('\n')).toHaveLength(3);
  });

  it('of a named query may be an address', () => {
    const { code, stdout } = query('web.sqlite', 'states-at', '-p', 'ip=10.0.0.1', '--format', 'csv');
    expect({ code, head: stdout.split('\n')[0] }).toEqual({
      code: 0,
      head: 'state,clients,servers,sockets',
    });
  });

  it('are none in comments, texts and names', () => {
    const sql = `SELECT ':a' AS ":b", 1 AS [:c] /* :d '*/ -- :e\n, 'it''s :f' AS \`:g\``;
    expect(parametersOf(sql)).toEqual([]);
    expect(parametersOf('SELECT :a+@b, $c_1, x:d, /* :z */ :a')).toEqual(['a', 'b', 'c_1', 'd']);
    expect(query('web.sqlite', sql).code).toBe(0);
  });
});

describe('the named queries', () => {
  const names = queryNames();

  it('are listed by group, without a database', () => {
    const { code, stdout, stderr } = finwait(['query', '--list']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Closing\n {2}close-durations {2,}How long closes took, by port {2,}:limit\n/);
    const lines = stdout.split('\n');
    for (const name of names) expect(lines.filter((line) => line.startsWith(`  ${name} `))).toHaveLength(1);
    expect(lines.filter((line) => /^[A-Z]/.test(line))).toEqual([...QUERY_GROUPS]);
  });

  it.each([
    ['json', (text: string) => JSON.parse(text)],
    [
      'jsonl',
      (text: string) =>
        text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
    ],
  ])('are listed as %s', (format, parse) => {
    const rows = parse(finwait(['query', '--list', '--format', format]).stdout);
    expect(rows.map(({ name }: { name: string }) => name).sort()).toEqual(names);
    expect(rows).toContainEqual({
      group: 'Closing',
      name: 'close-kinds',
      title: 'How the flows closed',
      description: expect.stringMatching(/^Each kind of close/),
      parameters: '',
    });
    expect(rows).toContainEqual(expect.objectContaining({ name: 'flow-states', parameters: 'flow = 1' }));
  });

  it('are listed and shown beside a database, too', () => {
    expect(query('web.sqlite', '--list')).toEqual(finwait(['query', '--list']));
    expect(query('web.sqlite', '--show', 'close-kinds')).toEqual(finwait(['query', '--show', 'close-kinds']));
    expect(query('--show', 'close-kinds', 'web.sqlite').code).toBe(0);
  });

  it.each(['csv', 'md'])('are listed as %s', (format) => {
    const { stdout } = finwait(['query', '--list', '--format', format]);
    for (const name of names) expect(stdout).toContain(name);
  });

  it('are shown as they are in the file', () => {
    const file = readFileSync(join(ROOT, 'src/report/queries/close-kinds.sql'), 'utf8');
    expect(finwait(['query', '--show', 'close-kinds'])).toEqual({ code: 0, stdout: file, stderr: '' });
  });
});

describe.skipIf(!canBeNobody())('a folder that may not be written to (root runs as nobody)', () => {
  it('is enough, and nothing in it changes', () => {
    const cwd = folderWithDatabase();
    chmodSync(join(cwd, 'web.sqlite'), 0o444);
    chmodSync(cwd, 0o555);
    const before = stateOf(cwd);
    const words = ['query', 'web.sqlite', 'SELECT count(*) AS n FROM state_intervals ORDER BY 1'];
    const uid = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    const outcome = finwait(words, { cwd, ...uid });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(stateOf(cwd)).toEqual(before);
  });
});

it('leaves no trace in a folder that may be written to', () => {
  const cwd = folderWithDatabase();
  const before = stateOf(cwd);
  for (const name of ['close-kinds', 'states-at', 'time-wait-peaks']) {
    expect(finwait(['query', 'web.sqlite', name], { cwd }).code).toBe(0);
  }
  expect(stateOf(cwd)).toEqual(before);
});

/** All that a folder holds: names, contents and times. */
function stateOf(folder: string) {
  return [folder, ...readdirSync(folder).map((name) => join(folder, name))].map((path) => {
    const { mtimeMs, ctimeMs, size } = statSync(path);
    const content = path === folder ? undefined : readFileSync(path).toString('base64');
    return { path, mtimeMs, ctimeMs, size, content };
  });
}

/** Whether the program can be run as somebody without rights: nobody must be able to read it. */
function canBeNobody(): boolean {
  if (process.getuid?.() !== 0) return true;
  return finwait(['--version'], { uid: 65_534 }).code === 0;
}

describe('a reader that leaves', () => {
  it('is no error', () => {
    const sql =
      'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000000) SELECT i FROM n';
    const shell = `"$0" "$1" query --format jsonl web.sqlite "$2" | head -n 1; echo "code \${PIPESTATUS[0]}"`;
    const words = ['-c', shell, process.execPath, MAIN, sql];
    const { stdout, stderr } = spawnSync('bash', words, { cwd: folderWithDatabase(), encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '{"i":1}\ncode 0\n', stderr: '' });
  });
});

describe.skipIf(lacks('script'))('on a terminal (needs the program script)', () => {
  function onTerminal(
    env: NodeJS.ProcessEnv,
    words = `"SELECT id, '0123456789abcdef' AS text FROM flows"`,
  ): string {
    const command = `stty cols 19; '${process.execPath}' '${MAIN}' query web.sqlite ${words}`;
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      cwd: folderWithDatabase(),
      env: { ...process.env, TERM: 'xterm', NO_COLOR: '', ...env },
      encoding: 'utf8',
    });
    return stdout.replaceAll('\r', '');
  }

  it('the head stands out and lines are cut', () => {
    expect(onTerminal({})).toBe('\x1b[1mid  text\x1b[22m\n 1  0123456789abcd…\n 2  0123456789abcd…\n');
  });

  it('no query is a question, not a wait for standard input', () => {
    expect(onTerminal({}, '')).toMatch(/^finwait: which query\?.* finwait query --list shows/);
  });

  it.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('without colour: %o', (env) => {
    expect(onTerminal(env)).not.toContain('\x1b');
  });
});
