import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { putBeside, putInPlace } from '../../../src/record/files/place.ts';
import { checkTarget } from '../../../src/record/files/target.ts';
import { removeLeftOvers, removeTemporary, temporaryFor } from '../../../src/record/files/temporary.ts';
import { openLiveStore } from '../../../src/record/live/live-store.ts';
import { openForReading } from '../../../src/record/open-database.ts';
import { temporaryFolder, writeDatabase } from '../database.ts';
import { FIN_FLOW } from '../flows.ts';

const modeOf = (path: string) => statSync(path).mode & 0o7777;

/** A temporary file for a target, with something in it. */
function fileFor(path: string): string {
  const file = temporaryFor(path);
  writeFileSync(file, 'new');
  return file;
}

describe('a temporary file', () => {
  it('is empty, for its user alone, in a folder that only this user may enter', () => {
    const path = join(temporaryFolder(), 'x.sqlite');
    const file = temporaryFor(path);
    expect(dirname(dirname(file))).toBe(dirname(path));
    expect([modeOf(dirname(file)), modeOf(file), statSync(file).size]).toEqual([0o700, 0o600, 0]);
    removeTemporary(file);
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  it('has a name that cannot be known before', () => {
    const path = join(temporaryFolder(), 'x.sqlite');
    const files = Array.from({ length: 20 }, () => temporaryFor(path));
    expect(new Set(files).size).toBe(20);
    expect(files.join()).not.toContain(String(process.pid));
    files.forEach(removeTemporary);
  });

  it('left by a killed run is removed, and nothing else', () => {
    const folder = temporaryFolder();
    const others = ['.x.sqlite.tmp-abcdefg', '.y.sqlite.tmp-abcdef', '.x.sqlite.lock', 'x.sqlite.tmp-abcdef'];
    for (const name of others) mkdirSync(join(folder, name));
    writeFileSync(join(folder, '.x.sqlite.tmp-123456'), 'a file, not a folder');
    mkdirSync(join(folder, '.x.sqlite.tmp-abcdef'));
    writeFileSync(join(folder, '.x.sqlite.tmp-abcdef', 'database-journal'), 'left');
    removeLeftOvers(join(folder, 'x.sqlite'));
    expect(readdirSync(folder).sort()).toEqual([...others, '.x.sqlite.tmp-123456'].sort());
  });
});

/** Another file of the same size and time: only its inode differs. */
function replaceBySame(path: string): void {
  const { atime, mtime } = statSync(path);
  renameSync(path, `${path}.old`);
  writeFileSync(path, 'our');
  utimesSync(path, atime, mtime);
}

describe('putting a file in place', () => {
  it('where nothing is: it is for its user alone', () => {
    const path = join(temporaryFolder(), 'x.sqlite');
    const file = fileFor(path);
    expect(putInPlace(file, { path, found: undefined })).toBe(true);
    removeTemporary(file);
    expect([readFileSync(path, 'utf8'), modeOf(path), statSync(path).nlink]).toEqual(['new', 0o600, 1]);
    expect(readdirSync(dirname(path))).toEqual(['x.sqlite']);
  });

  it.each([0o600, 0o644, 0o660, 0o444])('with mode %o of what was there', (mode) => {
    const path = join(temporaryFolder(), 'x.sqlite');
    writeFileSync(path, 'old');
    chmodSync(path, mode);
    expect(putInPlace(fileFor(path), { path, found: statSync(path) })).toBe(true);
    expect([readFileSync(path, 'utf8'), modeOf(path)]).toEqual(['new', mode]);
  });

  it.each([
    ['is there now', false, (path: string) => writeFileSync(path, 'theirs')],
    ['is another file', true, replaceBySame],
    ['is the same file with more in it', true, (path: string) => writeFileSync(path, 'theirs')],
    ['is a link that leads nowhere', false, (path: string) => symlinkSync('nowhere', path)],
  ])('not where something %s', (_, exists, change) => {
    const path = join(temporaryFolder(), 'x.sqlite');
    if (exists) writeFileSync(path, 'old');
    const found = exists ? statSync(path) : undefined;
    change(path);
    const file = fileFor(path);
    expect(putInPlace(file, { path, found })).toBe(false);
    expect(putBeside(file, path)).toBe(`${path}.2`);
    expect(putBeside(fileFor(path), path)).toBe(`${path}.3`);
    expect(readFileSync(`${path}.2`, 'utf8')).toBe('new');
    if (!lstatSync(path).isSymbolicLink()) expect(readFileSync(path, 'utf8')).toMatch(/^(theirs|our)$/);
  });
});

describe.runIf(process.getuid?.() === 0)(
  'a folder that anybody may write to (needs root, to be two users)',
  () => {
    const NOBODY = 65_534;
    function sharedFolder(): string {
      const folder = temporaryFolder();
      chmodSync(folder, 0o1777);
      return folder;
    }

    it('what is one’s own there is taken', () => {
      const path = join(sharedFolder(), 'x.sqlite');
      writeDatabase(path, [FIN_FLOW]);
      expect(checkTarget(path, false).exists).toBe(true);
    });

    it.each([
      ['a database', (path: string) => writeDatabase(path, [FIN_FLOW])],
      ['an empty file', (path: string) => writeFileSync(path, '')],
      [
        'a link to a database elsewhere',
        (path: string) => {
          const other = join(temporaryFolder(), 'y.sqlite');
          writeDatabase(other, [FIN_FLOW]);
          symlinkSync(other, path);
        },
      ],
    ])('%s that another user has put there is left alone', (_, put) => {
      const path = join(sharedFolder(), 'x.sqlite');
      put(path);
      lchownSync(path, NOBODY, NOBODY);
      expect(() => checkTarget(path, false)).toThrow(
        /belongs to another user, in a folder that anybody may write to; left alone/,
      );
    });

    it.each(['-journal', '-wal', '-shm'])(
      'a database beside which another user has put a %s is left alone',
      (suffix) => {
        const path = join(sharedFolder(), 'x.sqlite');
        writeDatabase(path, [FIN_FLOW]);
        writeFileSync(path + suffix, 'what SQLite shall do');
        chownSync(path + suffix, NOBODY, NOBODY);
        const reason = new RegExp(`x\\.sqlite${suffix} belongs to another user; left alone`);
        expect(() => checkTarget(path, false)).toThrow(reason);
        expect(() => openForReading(path)).toThrow(reason);
        expect(() => openLiveStore(path, { append: true })).toThrow(reason);
        expect(readFileSync(path + suffix, 'utf8')).toBe('what SQLite shall do');
      },
    );

    it('a temporary folder of another user is not removed', () => {
      const folder = sharedFolder();
      for (const [name, uid] of [
        ['.x.sqlite.tmp-aaaaaa', NOBODY],
        ['.x.sqlite.tmp-bbbbbb', 0],
      ] as const) {
        mkdirSync(join(folder, name));
        chownSync(join(folder, name), uid, uid);
      }
      removeLeftOvers(join(folder, 'x.sqlite'));
      expect(readdirSync(folder)).toEqual(['.x.sqlite.tmp-aaaaaa']);
    });

    it('a live database\u2019s log that another user has put there is not written to', async () => {
      const path = join(sharedFolder(), 'x.sqlite');
      const store = openLiveStore(path, { append: false });
      // As late as can be: the thread that writes has begun.
      writeFileSync(`${path}-wal`, '');
      chownSync(`${path}-wal`, NOBODY, NOBODY);
      await expect(store.settled()).rejects.toThrow(/x\.sqlite-wal belongs to another user/);
      await store.abort();
      expect(statSync(`${path}-wal`).size).toBe(0);
    });

    it('what a link of one’s own leads to there, too', () => {
      const path = join(sharedFolder(), 'x.sqlite');
      writeDatabase(path, [FIN_FLOW]);
      chownSync(path, NOBODY, NOBODY);
      const link = join(temporaryFolder(), 'link.sqlite');
      symlinkSync(path, link);
      expect(() => checkTarget(link, false)).toThrow(/belongs to another user/);
    });

    it('elsewhere another user’s database is replaced', () => {
      const path = join(temporaryFolder(), 'x.sqlite');
      writeDatabase(path, [FIN_FLOW]);
      chownSync(path, NOBODY, NOBODY);
      expect(checkTarget(path, false).exists).toBe(true);
    });
  },
);
