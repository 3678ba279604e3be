import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { WriteLock } from '../../../src/record/files/write-lock.ts';
import { temporaryFolder } from '../database.ts';

const PROGRAM = join(import.meta.dirname, 'write-lock-program.ts');
const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** A process that takes the lock and gives it back some times, or keeps it at the last. */
function holder(target: string, turns: number, log = ''): ChildProcess {
  const words = ['--import', 'tsx', PROGRAM, target, String(turns), log];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  return child;
}

const target = () => join(temporaryFolder(), 'x.sqlite');
const lockFile = (path: string) => join(dirname(path), '.x.sqlite.lock');

describe('the right to write', () => {
  it('is had by one at a time, and leaves nothing behind', () => {
    const path = target();
    const first = WriteLock.tryTake(path);
    expect(WriteLock.tryTake(path)).toBeUndefined();
    expect(readdirSync(dirname(path))).toEqual(['.x.sqlite.lock']);
    first?.release();
    expect(readdirSync(dirname(path))).toEqual([]);
    const second = WriteLock.tryTake(path);
    expect(second).toBeDefined();
    first?.release();
    expect(WriteLock.tryTake(path)).toBeUndefined();
    second?.release();
  });

  it('goes with a process that is killed', async () => {
    const path = target();
    const child = holder(path, 0);
    await once(child.stdout!, 'data');
    expect(WriteLock.tryTake(path)).toBeUndefined();
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(existsSync(lockFile(path))).toBe(true);
    const lock = WriteLock.tryTake(path);
    expect(lock).toBeDefined();
    lock?.release();
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  it('is never had by two of many processes that take turns', async () => {
    const path = target();
    const log = join(temporaryFolder(), 'log');
    writeFileSync(log, '');
    const children = Array.from({ length: 5 }, () => holder(path, 40, log));
    await Promise.all(children.map((child) => once(child, 'close')));
    const words = readFileSync(log, 'utf8').trimEnd().split('\n');
    expect(words).toHaveLength(2 * 5 * 40);
    for (let i = 0; i < words.length; i += 2) {
      const [who] = words[i]!.split(' ');
      expect(words.slice(i, i + 2)).toEqual([`${who} in`, `${who} out`]);
    }
  });
});

describe('what others have put in its place', () => {
  it.each([
    ['a link', (path: string) => symlinkSync('/nowhere/foreign', path)],
    ['a file with something in it', (path: string) => writeFileSync(path, 'SQLite format 3\0')],
    ['a folder', (path: string) => mkdirSync(path)],
  ])('%s is left alone', (_, put) => {
    const path = target();
    put(lockFile(path));
    expect(() => WriteLock.tryTake(path)).toThrow(
      /\.x\.sqlite\.lock is in the way: it is no lock of finwait/,
    );
    expect(readdirSync(dirname(path))).toEqual(['.x.sqlite.lock']);
  });

  it.runIf(process.getuid?.() === 0)('an empty file of another user, too (needs root)', () => {
    const path = target();
    writeFileSync(lockFile(path), '');
    chownSync(lockFile(path), 65_534, 65_534);
    expect(() => WriteLock.tryTake(path)).toThrow(
      /another user is writing it; if that is long over, remove /,
    );
  });
});
