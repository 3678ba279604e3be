import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, writeDatabase } from '../../record/database.ts';
import { FIN_FLOW } from '../../record/flows.ts';
import { lacks } from '../../record/program.ts';
import { finwait, MAIN, ROOT } from '../finwait.ts';
import { answer, captured, integrityOf, LiveRun, LOST_UNKNOWN } from '../live-run.ts';
import { Pty } from '../pty.ts';

// `finwait live -`: what it shows, what it leaves, and how it ends. live-device.test.ts has the devices.

const LEAK = captured('close-wait-leak.pcap');
const FLOWS = 'SELECT count(*) FROM flows';
const isRoot = process.getuid?.() === 0;

/** Runs it over a whole stream. */
function live(words: readonly string[], input: Uint8Array, folder = temporaryFolder()) {
  return { ...finwait(['live', '-', ...words], { cwd: folder, input }), folder };
}

/** A finwait database with one flow. */
function folderWithDatabase(): { folder: string; path: string } {
  const folder = temporaryFolder();
  const path = join(folder, 'live.sqlite');
  writeDatabase(path, [FIN_FLOW]);
  return { folder, path };
}

const DB = ['--db', 'live.sqlite'];

describe('a stream that ends', () => {
  it('leaves one database, and says where', () => {
    const { code, stdout, stderr, folder } = live(DB, LEAK);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `${LOST_UNKNOWN}finwait: 3 flows in live.sqlite; finwait report live.sqlite sums them up\n`,
    });
    expect(readdirSync(folder)).toEqual(['live.sqlite']);
    const last = JSON.parse(stdout.trim().split('\n').at(-1)!);
    expect(last).toMatchObject({ packets: 27, flows: 3, open_flows: 3 });
    expect(last.server).toMatchObject({ CLOSE_WAIT: 3 });
    expect(finwait(['states', 'live.sqlite'], { cwd: folder }).stdout).toContain(
      'CLOSE_WAIT       0       3',
    );
  });

  it('names a database by the time', () => {
    const { folder } = live(['-q'], LEAK);
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^live-\d{8}T\d{6}Z\.sqlite$/)]);
  });

  it('says nothing with --quiet', () => {
    expect(live([...DB, '--quiet'], LEAK)).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it.skipIf(lacks('tcpdump'))('comes from tcpdump', () => {
    const words = ['-r', join(ROOT, 'captures/close-wait-leak.pcap'), '-U', '-w', '-'];
    const { stdout } = spawnSync('tcpdump', words);
    expect(live([...DB, '-q'], stdout)).toMatchObject({ code: 0, stderr: '' });
  });

  it('cut inside a record, is an error, and what came before is there', () => {
    const { code, stderr, folder } = live([...DB, '-q'], LEAK.subarray(0, 1001));
    expect(code).toBe(3);
    expect(stderr).toBe(
      'finwait: -: at byte 1000: ends inside a record header: 1 of 16 bytes; what came before is in live.sqlite\n',
    );
    const { stdout } = finwait(['query', 'live.sqlite', FLOWS, '--format', 'csv'], { cwd: folder });
    expect(stdout).toContain('2');
  });

  it.each([
    ['nothing', '', 'finwait: -: is empty\n'],
    ['text', 'no capture at all, but words', expect.stringContaining('is text, not a capture')],
  ])('with %s in it leaves no database, so that the same command can be given again', (_, text, said) => {
    const { code, stderr, folder } = live([...DB, '-q'], Buffer.from(text));
    expect({ code, stderr }).toEqual({ code: 3, stderr: said });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('with nothing in it leaves the database as it was that it was to be added to', () => {
    const { folder, path } = folderWithDatabase();
    const flows = () => finwait(['flows', path, '--format', 'csv']).stdout;
    const before = flows();
    expect(live([...DB, '-q', '--append'], Buffer.alloc(0), folder).code).toBe(3);
    expect(flows()).toBe(before);
    expect(readdirSync(folder)).toEqual(['live.sqlite']);
  });
});

describe('the lines', () => {
  it('come once a second, each valid and with the time of it', async () => {
    const run = new LiveRun(['-', ...DB]);
    run.send(LEAK);
    const [first, second, third] = [await run.line(), await run.line(), await run.line()];
    for (const [before, after] of [
      [first, second],
      [second, third],
    ] as const) {
      // The packets are old; on a silent stream their time goes on by the clock.
      expect(after.at_us).toBeGreaterThan(before.at_us);
    }
    run.child.stdin!.end();
    expect((await run.end()).code).toBe(0);
  });
});

describe('while it runs', () => {
  it('another process sees the states so far, and the end makes one file of it', async () => {
    const run = new LiveRun(['-', ...DB, '-q']);
    const path = join(run.folder, 'live.sqlite');
    run.send(LEAK.subarray(0, 1000));
    await answer(path, FLOWS, (flows) => flows === 2);
    const states = () => finwait(['states', path]).stdout;
    expect(states()).toContain('FIN_WAIT_1');
    run.send(LEAK.subarray(1000));
    await answer(path, FLOWS, (flows) => flows === 3);
    expect(states()).toContain('CLOSE_WAIT       0       3');
    for (const words of [['report'], ['flows'], ['show', '1'], ['query']]) {
      const [command, ...rest] = words as [string];
      const sql = command === 'query' ? ['SELECT * FROM captures'] : rest;
      expect(finwait([command, path, ...sql])).toMatchObject({ code: 0, stderr: '' });
    }
    run.child.stdin!.end();
    expect((await run.end()).code).toBe(0);
    expect(readdirSync(run.folder)).toEqual(['live.sqlite']);
  });

  it.skipIf(!isRoot)('a user who may only read sees them, too (needs root, to be another user)', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const path = join(folder, 'live.sqlite');
    // A file that is there, empty, says who may read: a new one is its user's alone.
    writeFileSync(path, '', { mode: 0o644 });
    const run = new LiveRun(['-', ...DB, '-q'], { folder });
    run.send(LEAK);
    await answer(path, FLOWS, (flows) => flows === 3);
    expect(finwait(['states', path], { uid: 65534 }).stdout).toContain('CLOSE_WAIT       0       3');
  });

  it('nobody else writes into its database', async () => {
    const run = new LiveRun(['-', ...DB, '-q']);
    const path = join(run.folder, 'live.sqlite');
    run.send(LEAK);
    await answer(path, FLOWS, (flows) => flows === 3);
    const refused = { code: 3, stderr: 'finwait: live.sqlite: another finwait is writing it\n' };
    expect(live([...DB, '-q', '--append'], captured('refused.pcap'), run.folder)).toMatchObject(refused);
    const words = ['analyze', join(ROOT, 'captures/refused.pcap'), '-q', ...DB];
    for (const append of [[], ['--append']]) {
      expect(finwait([...words, ...append], { cwd: run.folder })).toMatchObject({ code: 3 });
    }
    expect((await run.end('SIGINT')).code).toBe(0);
    expect(finwait(['query', path, FLOWS, '--format', 'csv']).stdout).toContain('3');
  });

  it('who still reads does not keep it from ending', async () => {
    const run = new LiveRun(['-', ...DB, '-q']);
    const path = join(run.folder, 'live.sqlite');
    run.send(LEAK);
    await answer(path, FLOWS, (flows) => flows === 3);
    const reader = new Database(path, { readonly: true });
    expect(reader.prepare(FLOWS).pluck().get()).toBe(3);
    expect(await run.end('SIGINT')).toMatchObject({ code: 0, stderr: '' });
    expect(reader.prepare(FLOWS).pluck().get()).toBe(3);
    reader.close();
    expect(finwait(['states', path])).toMatchObject({ code: 0, stderr: '' });
    const append = ['analyze', join(ROOT, 'captures/refused.pcap'), '-q', ...DB, '--append'];
    expect(finwait(append, { cwd: run.folder })).toMatchObject({ code: 0 });
    expect(readdirSync(run.folder)).toEqual(['live.sqlite']);
  });
});

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s', (signal) => {
  it('ends the capture in order', async () => {
    const run = new LiveRun(['-', ...DB]);
    // Half a record is on the way when the stream is left: nothing is wrong with it.
    run.send(LEAK.subarray(0, 1001));
    await run.line(({ flows }) => flows === 2);
    expect(await run.end(signal)).toMatchObject({
      code: 0,
      stderr: `${LOST_UNKNOWN}finwait: 2 flows in live.sqlite; finwait report live.sqlite sums them up\n`,
    });
    expect(readdirSync(run.folder)).toEqual(['live.sqlite']);
    const truncated = 'SELECT truncated FROM captures';
    const { stdout } = finwait(['query', 'live.sqlite', truncated, '--format', 'csv'], { cwd: run.folder });
    expect(stdout.split(/\r?\n/)[1]).toBe('0');
  });
});

describe('an end before the stream’s', () => {
  it('--duration', async () => {
    const run = new LiveRun(['-', ...DB, '-q', '--duration', '1s']);
    run.send(LEAK);
    expect(await run.end()).toMatchObject({ code: 0, stderr: '' });
    expect(integrityOf(join(run.folder, 'live.sqlite'))).toBe('ok');
  });

  it('--duration of months does not end at once', async () => {
    const run = new LiveRun(['-', ...DB, '--duration', '100d']);
    run.send(LEAK);
    await run.line();
    await run.line();
    expect((await run.end('SIGINT')).code).toBe(0);
  });

  it('who reads its lines has seen enough', async () => {
    const run = new LiveRun(['-', ...DB]);
    run.send(LEAK);
    await run.line();
    run.child.stdout!.destroy();
    await once(run.child, 'exit');
    expect(run.child.exitCode).toBe(0);
    expect(readdirSync(run.folder)).toEqual(['live.sqlite']);
    expect(finwait(['states', 'live.sqlite'], { cwd: run.folder }).stdout).toContain('CLOSE_WAIT');
  });

  it('who should read its lines does not: it ends all the same', async () => {
    const folder = temporaryFolder();
    const full = join(folder, 'full');
    expect(spawnSync('mkfifo', [full]).status).toBe(0);
    const pipe = openSync(full, 'r+');
    spawnSync('dd', ['if=/dev/zero', `of=${full}`, 'bs=64k', 'count=1', 'oflag=nonblock']);
    const run = new LiveRun(['-', ...DB], { folder, stdio: ['pipe', pipe, 'pipe'] });
    run.send(LEAK);
    const path = join(folder, 'live.sqlite');
    await answer(path, FLOWS, (flows) => flows === 3);
    run.child.kill('SIGINT');
    await answer(path, 'PRAGMA journal_mode', (mode) => mode === 'delete');
    closeSync(pipe);
  });
});

describe('--append', () => {
  it('goes on in a finished database', () => {
    const { folder, path } = folderWithDatabase();
    expect(live([...DB, '-q', '--append'], LEAK, folder).code).toBe(0);
    const { stdout } = finwait(['flows', path, '--format', 'csv']);
    expect(stdout.trim().split('\n')).toHaveLength(1 + 1 + 3);
  });

  it('makes a database where none is', () => {
    expect(live([...DB, '-q', '--append'], LEAK)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('what is refused', () => {
  it.skipIf(lacks('python3'))('a terminal where the packets should come from', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'live.sqlite');
    const pty = new Pty([process.execPath, MAIN, 'live', '-', '--db', path], { columns: 120 });
    expect((await pty.end()).code).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('an existing database without --append, which stays as it is', () => {
    const { folder, path } = folderWithDatabase();
    const before = readFileSync(path);
    expect(live([...DB, '-q'], LEAK, folder)).toMatchObject({
      code: 3,
      stderr: 'finwait: live.sqlite: exists; --append adds to it\n',
    });
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['live.sqlite']);
  });

  it('a file that is no database', () => {
    const folder = temporaryFolder();
    copyFileSync(MAIN, join(folder, 'live.sqlite'));
    expect(live([...DB, '-q', '--append'], LEAK, folder)).toMatchObject({
      code: 3,
      stderr: 'finwait: live.sqlite: exists and is not a finwait database; left alone\n',
    });
  });

  it.skipIf(!isRoot)('a folder without permission (needs root, to be another user)', () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    expect(finwait(['live', '-', ...DB], { cwd: folder, input: LEAK, uid: 65534 })).toMatchObject({
      code: 4,
      stderr: 'finwait: live.sqlite: permission denied\n',
    });
    expect(existsSync(join(folder, 'live.sqlite'))).toBe(false);
  });

  it.each([
    [['--rotate', '10ms'], /--rotate/],
    [['--rotate', 'often'], /--rotate/],
    [['--duration', 'x'], /--duration/],
    [['--max-flows', '0'], /--max-flows/],
    [['--snap-length', '-1'], /--snap-length/],
    [['--via', 'dumpcap'], /tcpdump, cap/],
    [['--time-wait', 'vms'], /vms/],
  ])('%j', (words, reason) => {
    const { code, stderr, folder } = live([...DB, ...words], LEAK);
    expect(code).toBe(2);
    expect(stderr).toMatch(reason);
    expect(readdirSync(folder)).toEqual([]);
  });
});
