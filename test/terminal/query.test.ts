import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, writeDatabase } from '../record/database.ts';
import { FIN_FLOW, LEAK_FLOW } from '../record/flows.ts';
import { lacks } from '../record/program.ts';
import { finwait, MAIN } from './finwait.ts';

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

  it('answer a query from standard input', () => {
    const sql = '-- all\nSELECT count(*) AS n FROM flows;\n';
    const { stdout } = finwait(['query', 'web.sqlite', '-'], { cwd: folderWithDatabase(), input: sql });
    expect(stdout).toBe('n\n2\n');
  });
});

describe('refusals', () => {
  it.each([
    ['a word that is no SQL', ['web.sqlite', 'SELEC'], 2, /SQL: near "SELEC": syntax error/],
    ['a column that is none', ['web.sqlite', 'SELECT nosuch FROM flows'], 2, /no such column: nosuch/],
    ['two statements', ['web.sqlite', 'SELECT 1; SELECT 2'], 2, /more than one statement/],
    ['no statement', ['web.sqlite', ''], 2, /no statements/],
    ['a change', ['web.sqlite', 'DELETE FROM flow_data'], 2, /only reads/],
    ['a copy to another file', ['web.sqlite', "VACUUM INTO 'copy.sqlite'"], 2, /only reads/],
    ['another database', ['web.sqlite', "ATTACH 'copy.sqlite' AS copy"], 2, /only reads/],
    ['no SQL', ['web.sqlite'], 2, /missing required argument 'sql'/],
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
  function onTerminal(env: NodeJS.ProcessEnv): string {
    const command = `stty cols 19; '${process.execPath}' '${MAIN}' query web.sqlite "SELECT id, '0123456789abcdef' AS text FROM flows"`;
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

  it.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('without colour: %o', (env) => {
    expect(onTerminal(env)).not.toContain('\x1b');
  });
});
