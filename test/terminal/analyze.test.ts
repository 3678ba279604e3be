import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, readdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { opened, temporaryFolder, writeDatabase } from '../record/database.ts';
import { FIN_FLOW } from '../record/flows.ts';
import { finwait, MAIN, ROOT } from './finwait.ts';

const CAPTURE = join(ROOT, 'captures', 'close-wait-leak.pcap');

/** A folder that holds leak.pcap. */
function folderWithCapture(): string {
  const folder = temporaryFolder();
  copyFileSync(CAPTURE, join(folder, 'leak.pcap'));
  return folder;
}

const valueIn = (path: string, sql: string) => opened(path).prepare(sql).pluck().get();

describe('a capture', () => {
  it('becomes a database named after it, and a summary', () => {
    const cwd = folderWithCapture();
    const { code, stdout, stderr } = finwait(['analyze', 'leak.pcap'], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+ TCP flows in leak.pcap\n/);
    expect(stdout).toMatch(/^CLOSE_WAIT still standing: \d+/m);
    expect(readdirSync(cwd).sort()).toEqual(['leak.pcap', 'leak.pcap.sqlite']);
  });

  it('may come from standard input', () => {
    const cwd = temporaryFolder();
    expect(finwait(['analyze', '-'], { cwd, input: readFileSync(CAPTURE) }).code).toBe(0);
    expect(valueIn(join(cwd, 'stdin.sqlite'), 'SELECT path FROM captures')).toBe('-');
  });

  it('cannot come from standard input twice', () => {
    const cwd = temporaryFolder();
    const { code, stderr } = finwait(['analyze', '-', '-'], { cwd, input: readFileSync(CAPTURE) });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'finwait: - is standard input, which can be read only once\n',
    });
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('leaves standard output empty with --quiet', () => {
    const outcome = finwait(['analyze', '--quiet', 'leak.pcap'], { cwd: folderWithCapture() });
    expect(outcome).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('replaces the database the second time, or is added with --append', () => {
    const cwd = folderWithCapture();
    const analyze = (...words: string[]) =>
      finwait(['analyze', '-q', '--db', 'x.sqlite', 'leak.pcap', ...words], { cwd });
    const files = () => valueIn(join(cwd, 'x.sqlite'), 'SELECT count(*) FROM captures');
    expect([analyze().code, analyze().code, files()]).toEqual([0, 0, 1]);
    expect([analyze('--append').code, files()]).toEqual([0, 2]);
  });

  it('that is cut is kept as far as it goes, and said to be cut', () => {
    const cwd = temporaryFolder();
    const whole = readFileSync(CAPTURE);
    writeFileSync(join(cwd, 'cut.pcap'), whole.subarray(0, whole.length - 5));
    const { code, stdout, stderr } = finwait(['analyze', 'cut.pcap'], { cwd });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^finwait: cut.pcap: at byte \d+: .+; what came before is in the database\n$/);
    expect(stdout).toContain('Damaged: cut.pcap: at byte');
    expect(valueIn(join(cwd, 'cut.pcap.sqlite'), 'SELECT truncated FROM captures')).toBe(1);
    expect(valueIn(join(cwd, 'cut.pcap.sqlite'), 'SELECT count(*) > 0 FROM flows')).toBe(1);
  });
});

describe('refusals leave no file behind', () => {
  it.each([
    ['no file', [], 2, /missing required argument 'file'/],
    ['an unknown option', ['--apend', 'leak.pcap'], 2, /Did you mean --append/],
    ['a TIME_WAIT that is none', ['--time-wait', 'soon', 'leak.pcap'], 2, /--time-wait soon/],
    ['a capture that is none', ['notes.txt'], 3, /^finwait: notes.txt: /],
    ['a missing capture', ['nosuch.pcap'], 3, /^finwait: nosuch.pcap: no such file\n$/],
    ['a database in a missing folder', ['--db', 'no/x.sqlite', 'leak.pcap'], 3, /no such folder/],
    [
      'a capture as the database',
      ['--db', 'leak.pcap', 'leak.pcap'],
      3,
      /not a finwait database; left alone/,
    ],
  ])('%s', (_, words, code, message) => {
    const cwd = folderWithCapture();
    writeFileSync(join(cwd, 'notes.txt'), 'hello '.repeat(100));
    const outcome = finwait(['analyze', ...words], { cwd });
    expect(outcome).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
    expect(readdirSync(cwd).sort()).toEqual(['leak.pcap', 'notes.txt']);
  });
});

describe.skipIf(!canBeNobody())('without permission (root has every permission: runs as nobody)', () => {
  const uid = process.getuid?.() === 0 ? 65_534 : undefined;

  it.each([
    ['to read the capture', 0o777, 0o000, /leak.pcap: permission denied/],
    ['to write into the folder', 0o555, 0o644, /leak.pcap.sqlite: permission denied/],
  ])('%s', (_, folderMode, captureMode, message) => {
    const cwd = folderWithCapture();
    chmodSync(join(cwd, 'leak.pcap'), captureMode);
    chmodSync(cwd, folderMode);
    const { code, stderr } = finwait(['analyze', 'leak.pcap'], uid === undefined ? { cwd } : { cwd, uid });
    expect(stderr).toMatch(message);
    expect(code).toBe(4);
  });
});

describe('interrupted', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s: exit code %d, the old database unharmed, nothing left behind', async (signal, code) => {
    const cwd = temporaryFolder();
    const path = join(cwd, 'x.sqlite');
    writeDatabase(path, [FIN_FLOW]);
    const before = readFileSync(path);
    const started = temporaryFile(cwd);
    const child = spawn(process.execPath, [MAIN, 'analyze', '--db', 'x.sqlite', '-'], { cwd });
    child.stdin.write(readFileSync(CAPTURE));
    await started;
    child.kill(signal);
    expect(await outcomeOf(child)).toEqual({ code, stderr: 'finwait: interrupted; x.sqlite is as it was\n' });
    expect(readdirSync(cwd)).toEqual(['x.sqlite']);
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

/** Resolves when a temporary database has appeared in the folder. */
function temporaryFile(folder: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, (_, name) => {
      if (!name?.endsWith('.tmp')) return;
      watcher.close();
      resolve();
    });
  });
}

async function outcomeOf(child: ChildProcess): Promise<{ code: number; stderr: string }> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, stderr };
}

/** Whether the program can be run as somebody without rights: nobody must be able to read it. */
function canBeNobody(): boolean {
  if (process.getuid?.() !== 0) return true;
  return finwait(['--version'], { uid: 65_534 }).code === 0;
}
