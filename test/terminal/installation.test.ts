import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, writeDatabase } from '../record/database.ts';
import { FIN_FLOW } from '../record/flows.ts';
import { finwait, ROOT } from './finwait.ts';

const CAPTURE = join(ROOT, 'captures', 'close-wait-leak.pcap');

/** An installed package of its own, whose better-sqlite3 may be spoilt. */
function installation(): { main: string; folder: string; sqlite: string } {
  const folder = temporaryFolder();
  for (const part of ['dist', 'package.json'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  for (const name of ['commander', 'pcap-parser', 'bindings', 'file-uri-to-path']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  const sqlite = join(modules, 'better-sqlite3');
  for (const part of ['package.json', 'lib', 'build/Release/better_sqlite3.node']) {
    cpSync(join(ROOT, 'node_modules', 'better-sqlite3', part), join(sqlite, part), { recursive: true });
  }
  return { main: join(folder, 'dist', 'main.js'), folder, sqlite };
}

const NOT_COMPILED =
  /^finwait: better-sqlite3, .* is not compiled for this Node\.js \(v[\d.]+\): run "npm rebuild better-sqlite3" in \/.*\n$/;

describe.each([
  [
    'without the compiled module',
    (sqlite: string) => rmSync(join(sqlite, 'build'), { recursive: true }),
    NOT_COMPILED,
  ],
  [
    'with one for another machine',
    (sqlite: string) => writeFileSync(join(sqlite, 'build/Release/better_sqlite3.node'), 'no ELF'),
    NOT_COMPILED,
  ],
  [
    'without the package',
    (sqlite: string) => rmSync(sqlite, { recursive: true }),
    /^finwait: better-sqlite3, .* is not installed: run "npm ci" in \/.*\n$/,
  ],
])('%s', (_, spoil, message) => {
  it.each([
    [['analyze', CAPTURE, '--db', 'new.sqlite']],
    [['analyze', CAPTURE, '--db', 'web.sqlite', '--append']],
    [['live', '-', '--db', 'new.sqlite']],
    [['flows', 'web.sqlite']],
    [['query', 'web.sqlite', 'SELECT 1']],
  ])('%j says so and what to do, in one line, and leaves nothing', (words) => {
    const { main, sqlite } = installation();
    spoil(sqlite);
    const cwd = temporaryFolder();
    writeDatabase(join(cwd, 'web.sqlite'), [FIN_FLOW]);
    expect(finwait(words, { cwd, main, input: readFileSync(CAPTURE) })).toEqual({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
    expect(readdirSync(cwd)).toEqual(['web.sqlite']);
  });

  it('what needs no database works', () => {
    const { main, sqlite } = installation();
    spoil(sqlite);
    expect(finwait(['--help'], { main })).toMatchObject({ code: 0, stderr: '' });
  });
});
