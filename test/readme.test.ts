import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyze } from '../src/run/pipeline.ts';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map((match) => match[1]!);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'finwait-readme-'));
  symlinkSync(join(root, 'captures'), join(folder, 'captures'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what the README shows is what the program prints', () => {
  test.each(blocks('console').map((block) => [block.split('\n', 1)[0], block]))('%s', (_, block) => {
    const [, ...steps] = block.split(/^\$ /m);
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) {
      const [command, ...output] = step.trimEnd().split('\n');
      const shell = `finwait() { "${process.execPath}" "${join(root, 'dist', 'main.js')}" "$@"; }; ${command}`;
      const printed = execFileSync('bash', ['-c', shell], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, TZ: 'UTC' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      expect(printed.trimEnd()).toBe(output.join('\n'));
    }
  });
});

describe('the questions in SQL', () => {
  let db: Database.Database;
  beforeAll(async () => {
    const captures = readdirSync(join(root, 'captures')).filter((name) => name.includes('.pcap'));
    const target = join(folder, 'all.sqlite');
    await analyze(
      captures.map((name) => join(root, 'captures', name)),
      { target, append: false, timeWait: undefined },
    );
    db = new Database(target, { readonly: true });
  });
  afterAll(() => db.close());

  const questions = blocks('sql').flatMap((block) => block.split(';').filter((sql) => sql.trim() !== ''));
  test.each(questions)('%s answers', (sql) => {
    expect(db.prepare(sql).all().length).toBeGreaterThan(0);
  });
});

test('every capture in the README of captures/ is there, and none is left out', () => {
  const table = readFileSync(join(root, 'captures', 'README.md'), 'utf8');
  const named = [...table.matchAll(/^\| \[([^\]]+)\]/gm)].map((match) => match[1]!);
  const all = readdirSync(join(root, 'captures'), { recursive: true, encoding: 'utf8' });
  const there = all.filter((name) => name.includes('.pcap'));
  expect(named.sort()).toEqual(there.sort());
});
