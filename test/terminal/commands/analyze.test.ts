import {
  type ChildProcess,
  type ChildProcessWithoutNullStreams,
  execFileSync,
  spawn,
  spawnSync,
} from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { opened, temporaryFolder, writeDatabase } from '../../record/database.ts';
import { FIN_FLOW } from '../../record/flows.ts';
import { finwait, MAIN, ROOT } from '../finwait.ts';
import { answer, LiveRun } from '../live-run.ts';

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
    expect([analyze('--append', '--again').code, files()]).toEqual([0, 2]);
  });

  it('that is cut is said to be cut also where nobody reads the summary', () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'cut.pcap'), readFileSync(CAPTURE).subarray(0, 990));
    const script = `'${process.execPath}' '${MAIN}' analyze cut.pcap > /dev/full; echo $?`;
    const { stdout, stderr } = spawnSync('sh', ['-c', script], { cwd, encoding: 'utf8' });
    expect(stderr).toMatch(/^finwait: cut.pcap: at byte \d+: .*\nfinwait: standard output: the disk is full/);
    expect(stdout).toBe('3\n');
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
    ['standard output as the database', ['--db', '-', 'leak.pcap'], 2, /a file, not a stream/],
    ['memory as the database', ['--db', ':memory:', 'leak.pcap'], 2, /gone at the end/],
    ['no name as the database', ['--db', '', 'leak.pcap'], 2, /It is the name of a file/],
    ['a blank as the database', ['--db', ' ', 'leak.pcap'], 2, /without blanks at its ends/],
    ['a name that ends in a blank', ['--db', 'x.sqlite ', 'leak.pcap'], 2, /without blanks at its ends/],
    ['a database and none', ['--no-db', '--db', 'x', 'leak.pcap'], 2, /--db names a database, and --no-db/],
    ['none and a database', ['--db', 'x', '--no-db', 'leak.pcap'], 2, /--db names a database, and --no-db/],
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
    const child = await begun(cwd, '--db', 'x.sqlite');
    child.kill(signal);
    expect(await outcomeOf(child)).toEqual({ code, stderr: 'finwait: interrupted; x.sqlite is as it was\n' });
    expect(readdirSync(cwd)).toEqual(['x.sqlite']);
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe('several runs on one database', () => {
  const CAPTURES = ['close-wait-leak', 'data-after-close', 'fin-answered-by-rst', 'graceful-client-first'];

  it('four that append at once: each has its turn, and nothing is lost', async () => {
    const cwd = temporaryFolder();
    const runs = CAPTURES.map((name) => {
      const words = ['analyze', '-q', '--append', '--db', 'x.sqlite', join(ROOT, 'captures', `${name}.pcap`)];
      return outcomeOf(spawn(process.execPath, [MAIN, ...words], { cwd }));
    });
    expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const path = join(cwd, 'x.sqlite');
    expect(valueIn(path, 'SELECT count(*) FROM captures')).toBe(4);
    expect(valueIn(path, 'SELECT count(DISTINCT capture_id) FROM flows')).toBe(4);
    expect(opened(path).pragma('integrity_check', { simple: true })).toBe('ok');
    expect(readdirSync(cwd)).toEqual(['x.sqlite']);
  });

  it('the second waits for the first, says so, and can be interrupted', async () => {
    const cwd = folderWithCapture();
    const first = await begun(cwd, '--db', 'x.sqlite');
    const words = ['analyze', '-q', '--db', 'x.sqlite', 'leak.pcap'];
    const [second, third] = [words, words].map((each) => spawn(process.execPath, [MAIN, ...each], { cwd }));
    const ends = [outcomeOf(second!), outcomeOf(third!)];
    await Promise.all([second!, third!].map((child) => once(child.stderr, 'data')));
    third!.kill('SIGINT');
    const waiting = 'finwait: x.sqlite: another finwait is writing it; waiting until it has ended\n';
    expect(await ends[1]).toEqual({
      code: 130,
      stderr: `${waiting}finwait: interrupted\n`,
    });
    first.stdin.end();
    expect((await outcomeOf(first)).code).toBe(0);
    expect(await ends[0]).toEqual({ code: 0, stderr: waiting });
    expect(valueIn(join(cwd, 'x.sqlite'), 'SELECT path FROM captures')).toBe('leak.pcap');
    expect(readdirSync(cwd).sort()).toEqual(['leak.pcap', 'x.sqlite']);
  });

  it.each([[[]], [['--append']]])('one that a live capture writes is refused: %j', async (words) => {
    const live = new LiveRun(['-', '--db', 'x.sqlite', '-q']);
    live.send(readFileSync(CAPTURE));
    await answer(join(live.folder, 'x.sqlite'), 'SELECT count(*) FROM flows', (flows) => flows === 3);
    const { code, stderr } = finwait(['analyze', '--db', 'x.sqlite', ...words, CAPTURE], {
      cwd: live.folder,
    });
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: 'finwait: x.sqlite: a live capture is writing it\n',
    });
    expect((await live.end('SIGINT')).code).toBe(0);
    expect(valueIn(join(live.folder, 'x.sqlite'), 'SELECT count(*) FROM flows')).toBe(3);
  });

  it('live does not wait: packets would be lost', async () => {
    const cwd = temporaryFolder();
    const first = await begun(cwd, '--db', 'x.sqlite');
    const live = new LiveRun(['-', '--db', 'x.sqlite', '-q'], { folder: cwd });
    live.child.stdin?.end();
    expect(await live.end()).toMatchObject({
      code: 3,
      stderr: 'finwait: x.sqlite: another finwait is writing it\n',
    });
    first.kill('SIGKILL');
  });

  it('what a killed one left is removed by the next', async () => {
    const cwd = folderWithCapture();
    const killed = await begun(cwd, '--db', 'x.sqlite');
    killed.kill('SIGKILL');
    await once(killed, 'close');
    expect(readdirSync(cwd)).toHaveLength(3);
    expect(finwait(['analyze', '-q', '--db', 'x.sqlite', 'leak.pcap'], { cwd })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(readdirSync(cwd).sort()).toEqual(['leak.pcap', 'x.sqlite']);
  });

  it.each(['nothing', 'a finwait database'])(
    'what somebody else puts there meanwhile, where %s was, is left alone',
    async (was) => {
      const cwd = temporaryFolder();
      const path = join(cwd, 'x.sqlite');
      if (was !== 'nothing') writeDatabase(path, [FIN_FLOW]);
      const run = await begun(cwd, '--db', 'x.sqlite');
      writeFileSync(path, 'mine');
      run.stdin.end();
      expect(await outcomeOf(run)).toEqual({
        code: 3,
        stderr: expect.stringMatching(
          /^finwait: x.sqlite: was changed meanwhile and is left alone; the new database is (.*\/)?x.sqlite.2\n$/,
        ),
      });
      expect(readFileSync(path, 'utf8')).toBe('mine');
      expect(valueIn(`${path}.2`, 'SELECT count(*) FROM flows')).toBe(3);
      expect(readdirSync(cwd).sort()).toEqual(['x.sqlite', 'x.sqlite.2']);
    },
  );
});

describe('what is there', () => {
  it.each([[[]], [['--db', 'leak.pcap.sqlite']]])('a damaged finwait database is replaced: %j', (words) => {
    const cwd = folderWithCapture();
    const path = join(cwd, 'leak.pcap.sqlite');
    finwait(['analyze', '-q', 'leak.pcap'], { cwd });
    const bytes = readFileSync(path).fill(0xff, 4096, 200_000);
    writeFileSync(path, bytes);
    expect(finwait(['analyze', '-q', ...words, 'leak.pcap'], { cwd })).toMatchObject({ code: 0, stderr: '' });
    expect(valueIn(path, 'SELECT count(*) FROM flows')).toBe(3);
  });

  it('a link that leads nowhere: the database is where it leads', () => {
    const cwd = folderWithCapture();
    mkdirSync(join(cwd, 'far'));
    symlinkSync(join('far', 'x.sqlite'), join(cwd, 'link.sqlite'));
    expect(finwait(['analyze', '-q', '--db', 'link.sqlite', 'leak.pcap'], { cwd })).toMatchObject({
      code: 0,
    });
    expect(readdirSync(join(cwd, 'far'))).toEqual(['x.sqlite']);
    expect(readdirSync(cwd).sort()).toEqual(['far', 'leak.pcap', 'link.sqlite']);
  });

  it.each(['-wal', '-journal'])(
    'a %s without its database is refused: SQLite would take it for the new one',
    (suffix) => {
      const cwd = folderWithCapture();
      writeFileSync(join(cwd, `x.sqlite${suffix}`), 'x');
      const stderr = `finwait: x.sqlite: x.sqlite${suffix} is there without its database: move it away, or remove it\n`;
      expect(finwait(['analyze', '-q', '--db', 'x.sqlite', 'leak.pcap'], { cwd })).toMatchObject({
        code: 3,
        stderr,
      });
      const live = ['live', '-q', '-', '--db', 'x.sqlite'];
      expect(finwait(live, { cwd, input: readFileSync(CAPTURE) })).toMatchObject({ code: 3, stderr });
      expect(readdirSync(cwd).sort()).toEqual(['leak.pcap', `x.sqlite${suffix}`]);
    },
  );

  it('a database that another program is changing is left alone, also where its file is as it was', async () => {
    const cwd = folderWithCapture();
    finwait(['analyze', '-q', '--db', 'x.sqlite', 'leak.pcap'], { cwd });
    const path = join(cwd, 'x.sqlite');
    const run = await begun(cwd, '--db', 'x.sqlite', '--append', '--again');
    const other = new Database(path);
    other.exec('BEGIN; CREATE TABLE theirs (x)');
    run.stdin.end();
    expect(await outcomeOf(run)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('was changed meanwhile'),
    });
    other.exec('COMMIT');
    other.close();
    expect(valueIn(path, 'SELECT count(*) FROM theirs')).toBe(0);
    expect(opened(path).pragma('integrity_check', { simple: true })).toBe('ok');
    expect(valueIn(`${path}.2`, 'SELECT count(*) FROM captures')).toBe(2);
  });

  it('a named pipe is a capture like any other', async () => {
    const cwd = temporaryFolder();
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    const run = spawn(process.execPath, [MAIN, 'analyze', '-q', '--db', 'x.sqlite', 'pipe'], { cwd });
    execFileSync('sh', ['-c', 'cat "$0" > "$1"', CAPTURE, join(cwd, 'pipe')]);
    expect(await outcomeOf(run)).toEqual({ code: 0, stderr: '' });
    expect(valueIn(join(cwd, 'x.sqlite'), 'SELECT count(*) FROM flows')).toBe(3);
  });
});

describe('the same capture a second time', () => {
  const twice = 'all in it would be counted twice; --again adds it all the same\n';
  /** A folder with leak.pcap, and x.sqlite that was made of it. */
  function folderWithBoth(): string {
    const cwd = folderWithCapture();
    finwait(['analyze', '-q', '--db', 'x.sqlite', 'leak.pcap'], { cwd });
    return cwd;
  }
  const append = (cwd: string, words: readonly string[], input?: Uint8Array) =>
    finwait(['analyze', '-q', '--append', '--db', 'x.sqlite', ...words], {
      cwd,
      ...(input === undefined ? {} : { input }),
    });
  const capturesIn = (cwd: string) => valueIn(join(cwd, 'x.sqlite'), 'SELECT count(*) FROM captures');

  it('is refused by name, before it is read', () => {
    const cwd = folderWithBoth();
    const before = readFileSync(join(cwd, 'x.sqlite'));
    expect(append(cwd, ['leak.pcap'])).toEqual({
      code: 2,
      stdout: '',
      stderr: `finwait: x.sqlite already has leak.pcap: ${twice}`,
    });
    expect(readFileSync(join(cwd, 'x.sqlite')).equals(before)).toBe(true);
    expect(readdirSync(cwd).sort()).toEqual(['leak.pcap', 'x.sqlite']);
  });

  it('is added with --again', () => {
    const cwd = folderWithBoth();
    expect(append(cwd, ['--again', 'leak.pcap'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(capturesIn(cwd)).toBe(2);
  });

  it.each([
    [
      'a copy of it',
      (cwd: string) => copyFileSync(join(cwd, 'leak.pcap'), join(cwd, 'copy.pcap')),
      'copy.pcap, as leak.pcap',
    ],
    [
      'one that has grown since',
      (cwd: string) => {
        const more = readFileSync(join(ROOT, 'captures', 'data-after-close.pcap')).subarray(24);
        writeFileSync(join(cwd, 'copy.pcap'), Buffer.concat([readFileSync(CAPTURE), more]));
      },
      'copy.pcap, as leak.pcap, which has grown since',
    ],
    [
      'the same in another format',
      (cwd: string) => writeFileSync(join(cwd, 'copy.pcap'), gzipSync(readFileSync(CAPTURE))),
      'copy.pcap, as leak.pcap',
    ],
  ])('%s is refused, too', (_, make, what) => {
    const cwd = folderWithBoth();
    make(cwd);
    const { code, stderr } = append(cwd, ['copy.pcap']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: `finwait: x.sqlite already has ${what}: ${twice}` });
    expect(capturesIn(cwd)).toBe(1);
  });

  it('compressed in two ways is one capture', () => {
    const cwd = folderWithCapture();
    for (const level of [1, 9]) {
      writeFileSync(join(cwd, `${level}.gz`), gzipSync(readFileSync(CAPTURE), { level }));
    }
    expect(readFileSync(join(cwd, '1.gz')).equals(readFileSync(join(cwd, '9.gz')))).toBe(false);
    expect(append(cwd, ['1.gz']).code).toBe(0);
    expect(append(cwd, ['9.gz'])).toMatchObject({
      code: 2,
      stderr: `finwait: x.sqlite already has 9.gz, as 1.gz: ${twice}`,
    });
  });

  it('from a stream is known when it is read', () => {
    const cwd = folderWithBoth();
    expect(append(cwd, ['-'], readFileSync(CAPTURE))).toMatchObject({
      code: 2,
      stderr: `finwait: x.sqlite already has -, as leak.pcap: ${twice}`,
    });
    expect(capturesIn(cwd)).toBe(1);
    expect(readdirSync(cwd).sort()).toEqual(['leak.pcap', 'x.sqlite']);
  });

  it('named twice in one run is refused', () => {
    const cwd = folderWithCapture();
    copyFileSync(CAPTURE, join(cwd, 'copy.pcap'));
    const run = (...words: string[]) => finwait(['analyze', '-q', '--db', 'y.sqlite', ...words], { cwd });
    expect(run('leak.pcap', 'leak.pcap')).toMatchObject({
      code: 2,
      stderr: `finwait: leak.pcap is the same capture as leak.pcap: ${twice}`,
    });
    expect(run('leak.pcap', 'copy.pcap').stderr).toBe(
      `finwait: copy.pcap is the same capture as leak.pcap: ${twice}`,
    );
    expect(readdirSync(cwd).sort()).toEqual(['copy.pcap', 'leak.pcap']);
    expect(run('--again', 'leak.pcap', 'copy.pcap').code).toBe(0);
  });

  it.each([
    [
      'another capture',
      (cwd: string) => copyFileSync(join(ROOT, 'captures', 'data-after-close.pcap'), join(cwd, 'b.pcap')),
    ],
    [
      'the same file with other packets in it',
      (cwd: string) => {
        const bytes = readFileSync(CAPTURE);
        bytes[bytes.length - 1]! ^= 1;
        writeFileSync(join(cwd, 'b.pcap'), bytes);
      },
    ],
  ])('is not %s', (_, make) => {
    const cwd = folderWithBoth();
    make(cwd);
    expect(append(cwd, ['b.pcap'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(capturesIn(cwd)).toBe(2);
  });

  it('nor are files without a packet, as a rotation leaves them', () => {
    const cwd = folderWithBoth();
    const empty = readFileSync(CAPTURE).subarray(0, 24);
    for (const name of ['e1.pcap', 'e2.pcap']) writeFileSync(join(cwd, name), empty);
    expect(append(cwd, ['e1.pcap', 'e2.pcap']).code).toBe(0);
    expect(append(cwd, ['e1.pcap', 'e2.pcap']).code).toBe(0);
    expect(capturesIn(cwd)).toBe(5);
  });

  it('is not known to a database from before this was noted, which takes it and notes it', () => {
    const cwd = folderWithBoth();
    const db = new Database(join(cwd, 'x.sqlite'));
    db.exec('DROP TABLE capture_files');
    db.close();
    const other = join(ROOT, 'captures', 'data-after-close.pcap');
    expect(append(cwd, [other]).code).toBe(0);
    expect(append(cwd, [other])).toMatchObject({ code: 2, stderr: expect.stringContaining('already has') });
    expect(append(cwd, ['leak.pcap'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('already has'),
    });
  });
});

describe('a capture of the same name from another folder', () => {
  function foldersWithNamesakes(): string {
    const cwd = temporaryFolder();
    for (const [folder, name] of [
      ['a', 'close-wait-leak'],
      ['b', 'data-after-close'],
    ] as const) {
      mkdirSync(join(cwd, folder));
      copyFileSync(join(ROOT, 'captures', `${name}.pcap`), join(cwd, folder, 't.pcap'));
    }
    finwait(['analyze', '-q', 'a/t.pcap'], { cwd });
    return cwd;
  }
  const pathIn = (cwd: string) => valueIn(join(cwd, 't.pcap.sqlite'), 'SELECT path FROM captures');

  it('does not replace the database of the first: both are named', () => {
    const cwd = foldersWithNamesakes();
    expect(finwait(['analyze', '-q', 'b/t.pcap'], { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'finwait: t.pcap.sqlite is the database of a/t.pcap, not of b/t.pcap: ' +
        'name another with --db, or replace it with --force\n',
    });
    expect([pathIn(cwd), readdirSync(cwd).sort()]).toEqual(['a/t.pcap', ['a', 'b', 't.pcap.sqlite']]);
  });

  it.each([[['--force']], [['--db', 't.pcap.sqlite']]])('does with %j', (words) => {
    const cwd = foldersWithNamesakes();
    expect(finwait(['analyze', '-q', ...words, 'b/t.pcap'], { cwd })).toMatchObject({ code: 0, stderr: '' });
    expect(pathIn(cwd)).toBe('b/t.pcap');
  });

  it.each([
    ['the same path with new content', 'a/t.pcap'],
    ['the same path in other words', './b/../a/t.pcap'],
    ['the same capture elsewhere', 'c.pcap/t.pcap'],
  ])('%s replaces it', (_, path) => {
    const cwd = foldersWithNamesakes();
    mkdirSync(join(cwd, 'c.pcap'));
    copyFileSync(join(cwd, 'a', 't.pcap'), join(cwd, 'c.pcap', 't.pcap'));
    copyFileSync(join(cwd, 'b', 't.pcap'), join(cwd, 'a', 't.pcap'));
    expect(finwait(['analyze', '-q', path], { cwd })).toMatchObject({ code: 0, stderr: '' });
    expect(pathIn(cwd)).toBe(path);
  });

  it('standard input replaces what came from there', () => {
    const cwd = temporaryFolder();
    for (const name of ['close-wait-leak', 'data-after-close']) {
      const input = readFileSync(join(ROOT, 'captures', `${name}.pcap`));
      expect(finwait(['analyze', '-q', '-'], { cwd, input })).toMatchObject({ code: 0, stderr: '' });
    }
  });
});

describe('who may read a database', () => {
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

  it('a new one: nobody but who made it, for it tells who talks to whom', () => {
    const cwd = folderWithCapture();
    finwait(['analyze', '-q', 'leak.pcap'], { cwd });
    finwait(['live', '-q', '-', '--db', 'live.sqlite'], { cwd, input: readFileSync(CAPTURE) });
    expect(['leak.pcap.sqlite', 'live.sqlite'].map((name) => modeOf(join(cwd, name)))).toEqual([
      '600',
      '600',
    ]);
  });

  it.each([[[]], [['--append', '--again']]])(
    'one that is replaced or added to: who might before: %j',
    (words) => {
      const cwd = folderWithCapture();
      const analyze = () => finwait(['analyze', '-q', 'leak.pcap', ...words], { cwd });
      analyze();
      for (const mode of [0o644, 0o640, 0o600]) {
        chmodSync(join(cwd, 'leak.pcap.sqlite'), mode);
        expect(analyze()).toMatchObject({ code: 0, stderr: '' });
        expect(modeOf(join(cwd, 'leak.pcap.sqlite'))).toBe(mode.toString(8));
      }
    },
  );

  it.runIf(process.getuid?.() === 0)(
    'one that root makes for a user, by sudo, is the user\u2019s (needs root)',
    () => {
      const cwd = folderWithCapture();
      const env = { SUDO_USER: 'nobody', SUDO_UID: '65534', SUDO_GID: '65533' };
      finwait(['analyze', '-q', 'leak.pcap'], { cwd, env });
      // Only with --kernel, which needs a device, live stays root; here the folder is root's, so that it does, too.
      finwait(['live', '-q', '-', '--db', 'live.sqlite'], { cwd, env, input: readFileSync(CAPTURE) });
      for (const name of ['leak.pcap.sqlite', 'live.sqlite']) {
        expect(statSync(join(cwd, name))).toMatchObject({ uid: 65_534, gid: 65_533 });
        expect(modeOf(join(cwd, name))).toBe('600');
      }
    },
  );

  it.runIf(process.getuid?.() === 0)('one that root replaces stays its owner\u2019s (needs root)', () => {
    const cwd = folderWithCapture();
    const path = join(cwd, 'leak.pcap.sqlite');
    finwait(['analyze', '-q', 'leak.pcap'], { cwd });
    chownSync(path, 65_534, 65_533);
    finwait(['analyze', '-q', 'leak.pcap'], { cwd });
    expect(statSync(path)).toMatchObject({ uid: 65_534, gid: 65_533 });
  });
});

/** Resolves when a temporary database has appeared in the folder. */
function temporaryFile(folder: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, (_, name) => {
      if (!name?.includes('.tmp-')) return;
      watcher.close();
      resolve();
    });
  });
}

/** An analyze of standard input that has begun to write. */
async function begun(cwd: string, ...words: string[]): Promise<ChildProcessWithoutNullStreams> {
  const started = temporaryFile(cwd);
  const child = spawn(process.execPath, [MAIN, 'analyze', '-q', ...words, '-'], { cwd });
  child.stdin.on('error', () => {});
  child.stdin.write(readFileSync(CAPTURE));
  await started;
  return child;
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
