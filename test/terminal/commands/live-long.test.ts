import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../record/database.ts';
import { finwait } from '../finwait.ts';
import { answer, ask, captured, integrityOf, LiveRun, LOST_UNKNOWN } from '../live-run.ts';
import { Connections, flood } from '../live-stream.ts';

// What a capture meets that runs for long: other databases, more connections than fit, a clock that is
// set, a disk that fills up.

const SECOND = 1_000_000;
const FLOWS = 'SELECT count(*) FROM flows';

/** Whether a small file system can be mounted here. With CI set its absence is a failure. */
const canMount = process.getuid?.() === 0 || process.env.CI === 'true';
const mounts: string[] = [];
afterEach(() => {
  for (const mount of mounts.splice(0)) spawnSync('umount', ['-l', mount]);
});

describe('--rotate', () => {
  it('begins a new database; flows that are open go on in it, and each is complete', async () => {
    const run = new LiveRun(['-', '--db', 'web.sqlite', '--rotate', '1s']);
    const open = captured('close-wait-leak.pcap').subarray(0, 1000);
    run.send(open);
    const names = () => readdirSync(run.folder).filter((name) => name.endsWith('.sqlite'));
    await run.line(() => names().length >= 3);
    run.send(captured('close-wait-leak.pcap').subarray(1000));
    await run.line(({ flows }) => flows === 3);
    const { code, stderr } = await run.end('SIGINT');
    expect(code).toBe(0);
    const last = names().at(-1)!;
    expect(stderr).toBe(
      `${LOST_UNKNOWN}finwait: 3 flows in ${names().length} databases; finwait report ${last} sums the last one up\n`,
    );
    expect(readdirSync(run.folder)).toEqual(names());
    for (const name of names()) {
      expect(name).toMatch(/^web-\d{8}T\d{6}Z\.sqlite$/);
      const path = join(run.folder, name);
      expect(integrityOf(path)).toBe('ok');
      expect(ask(path, 'PRAGMA journal_mode')).toBe('delete');
      // The first connection began in the first database, and is in all.
      expect(ask(path, 'SELECT min(client_port) FROM flows')).toBe(40001);
      expect(ask(path, 'SELECT role_evidence FROM flows WHERE client_port = 40001')).toBe('syn');
      expect(finwait(['report', path]).code).toBe(0);
    }
    expect(ask(join(run.folder, names()[0]!), FLOWS)).toBe(2);
    expect(ask(join(run.folder, last), FLOWS)).toBe(3);
  });

  it('lets read a new one who may read the one before it', async () => {
    const run = new LiveRun(['-', '--db', 'web.sqlite', '--rotate', '3s']);
    const paths = () =>
      readdirSync(run.folder)
        .filter((name) => name.endsWith('.sqlite'))
        .map((name) => join(run.folder, name));
    const modes = () => paths().map((path) => statSync(path).mode & 0o777);
    run.send(captured('close-wait-leak.pcap'));
    while (paths().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await answer(paths()[0]!, FLOWS, (flows) => flows === 3);
    expect(modes()).toEqual([0o600]);
    chmodSync(paths()[0]!, 0o640);
    await run.line(() => paths().length >= 3);
    expect(new Set(modes())).toEqual(new Set([0o640]));
    expect((await run.end('SIGINT')).code).toBe(0);
  });

  it('that cannot begin a new one keeps the one of now, and says why', async () => {
    const run = new LiveRun(['-', '--db', join('sub', 'web.sqlite'), '--rotate', '2s', '-q'], {
      folder: folderWith('sub'),
    });
    const sub = join(run.folder, 'sub');
    run.send(captured('close-wait-leak.pcap'));
    const first = () => join(sub, readdirSync(sub).filter((name) => name.endsWith('.sqlite'))[0] ?? 'none');
    while (!existsSync(first())) await new Promise((resolve) => setTimeout(resolve, 20));
    await answer(first(), FLOWS, (flows) => flows === 3);
    // The names to come are taken by somebody else's files.
    const now = Date.now();
    for (let s = 1; s < 20; s++) {
      const time = new Date(now + s * 1000).toISOString().replace(/[-:]|\.\d+/g, '');
      writeFileSync(join(sub, `web-${time}.sqlite`), 'notes');
    }
    const { code, stderr } = await run.end();
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /exists and is not a finwait database; left alone; what came before is in sub\/web-.*\.sqlite\n$/,
    );
    expect(ask(first(), FLOWS)).toBe(3);
    expect(integrityOf(first())).toBe('ok');
    expect(ask(first(), 'PRAGMA journal_mode')).toBe('delete');
  });
});

function folderWith(name: string): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, name));
  return folder;
}

describe('a SYN flood, with --max-flows', () => {
  it('leaves memory as it is, every connection in the database, and that sound', async () => {
    const count = 60_000;
    const words = ['-', '--db', 'live.sqlite', '--max-flows', '4096'];
    const run = new LiveRun(words);
    await flood(run.child.stdin!, { count, rate: 100_000 });
    expect((await run.end()).code).toBe(0);
    const { lines } = run;
    expect(Math.max(...lines.map((line) => line.open_flows))).toBeLessThanOrEqual(4096);
    const path = join(run.folder, 'live.sqlite');
    expect(ask(path, FLOWS)).toBe(count);
    expect(ask(path, 'SELECT sum(evicted) FROM flows')).toBe(count - 4096);
    expect(integrityOf(path)).toBe('ok');
    const half = lines.find((line) => line.packets > count / 3) ?? lines[0]!;
    const growth = lines.at(-1)!.memory_bytes - half.memory_bytes;
    expect(growth / 2 ** 20, 'MiB').toBeLessThan(64);
  });

  it.each(['close-wait-leak.pcap', 'reused-port-in-time-wait.pcap', 'syn-on-established.pcap'])(
    'of one: %s',
    async (name) => {
      const run = new LiveRun(['-', '--db', 'live.sqlite', '--max-flows', '1']);
      run.send(captured(name));
      run.child.stdin!.end();
      expect((await run.end()).code).toBe(0);
      expect(integrityOf(join(run.folder, 'live.sqlite'))).toBe('ok');
    },
  );
});

describe('a clock that is set', () => {
  const startUs = 1_795_000_000 * SECOND;

  it.each([
    ['an hour on', 3600],
    ['an hour back', -3600],
    ['to 1970', -1_794_999_000],
    ['to 2106', 2_499_000_000],
  ])('%s: the database is sound, and has all connections', (_, seconds) => {
    const connections = new Connections();
    connections.closeWait(startUs).closeWait(startUs + 0.1 * SECOND);
    for (let i = 0; i < 3; i++) connections.closeWait(startUs + (seconds + i) * SECOND);
    const folder = temporaryFolder();
    const input = connections.take();
    const path = join(folder, 'live.sqlite');
    expect(finwait(['live', '-', '-q', '--db', path], { input })).toMatchObject({ code: 0, stderr: '' });
    expect(ask(path, FLOWS)).toBe(5);
    expect(integrityOf(path)).toBe('ok');
    for (const words of [['report'], ['states']]) expect(finwait([...words, path]).code).toBe(0);
    expect(finwait(['states', path, '--every', '1000d', '--format', 'csv']).code).toBe(0);
  });

  it('in one damaged packet only, does not set ours', async () => {
    const run = new LiveRun(['-', '--db', 'live.sqlite']);
    const connections = new Connections();
    run.send(
      connections
        .closeWait(startUs)
        .syn(startUs + 2_499_000_000 * SECOND)
        .take(),
    );
    await run.line(({ flows }) => flows === 2);
    run.send(connections.closeWait(startUs + SECOND).take());
    const line = await run.line(({ flows }) => flows === 3);
    expect(line.at_us).toBeLessThan(startUs + 1000 * SECOND);
    const path = join(run.folder, 'live.sqlite');
    await answer(path, FLOWS, (flows) => flows === 3);
    expect(ask<number>(path, 'SELECT now_us FROM live')).toBeLessThan(startUs + 1000 * SECOND);
    expect((await run.end('SIGINT')).code).toBe(0);
  });
});

describe.skipIf(!canMount)('a disk that fills up (needs root, for a small file system)', () => {
  /** A capture into a file system of 1 MB, with a hundred connections in it. */
  async function almostFull() {
    const folder = folderWith('small');
    const small = join(folder, 'small');
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]).status).toBe(0);
    mounts.push(small);
    const run = new LiveRun(['-', '--db', join('small', 'live.sqlite'), '-q'], { folder });
    const path = join(small, 'live.sqlite');
    const connections = new Connections();
    const send = (count: number) => {
      for (let i = 0; i < count; i++) connections.closeWait(Date.now() * 1000);
      run.send(connections.take());
    };
    send(100);
    await answer<number>(path, FLOWS, (flows) => flows === 100);
    return { run, path, small, send };
  }

  async function expectEnded(run: LiveRun, path: string): Promise<void> {
    expect(await run.end()).toMatchObject({
      code: 3,
      stderr: 'finwait: small/live.sqlite: the disk is full; what came before is in small/live.sqlite\n',
    });
    expect(integrityOf(path)).toBe('ok');
    expect(ask<number>(path, FLOWS)).toBeGreaterThanOrEqual(100);
    expect(finwait(['states', path])).toMatchObject({ code: 0, stderr: '' });
  }

  it('ends the capture with a word, and keeps what was committed', async () => {
    const { run, path, send } = await almostFull();
    const timer = setInterval(() => send(100), 10);
    await expectEnded(run, path);
    clearInterval(timer);
  });

  it('also where no packet comes any more', async () => {
    const { run, path, small, send } = await almostFull();
    spawnSync('dd', ['if=/dev/zero', `of=${join(small, 'full')}`, 'bs=4k']);
    send(100);
    await expectEnded(run, path);
  });
});
