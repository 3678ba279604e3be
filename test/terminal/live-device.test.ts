import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, run as runProgram } from '../../scripts/lab/run.ts';
import { canCapture, openWire, type Wire } from '../capture/live-wire.ts';
import { temporaryFolder } from '../record/database.ts';
import { finwait } from './finwait.ts';
import { answer, ask, integrityOf, LiveRun } from './live-run.ts';

// `finwait live DEVICE`, on a wire between two namespaces: what is refused, and what may befall it.

const DB = ['--db', 'live.sqlite'];
const FLOWS = 'SELECT count(*) FROM flows';
const skip = !canCapture();

describe.skipIf(skip).each(['cap', 'tcpdump'] as const)('by %s (needs root, ip, tcpdump)', (via) => {
  let wire: Wire;
  beforeEach(() => {
    wire = openWire();
  });
  afterEach(() => wire.cleanup.run());

  /** A capture on eth0 of `b` that runs. */
  async function started(...words: string[]): Promise<LiveRun> {
    const before = ['ip', 'netns', 'exec', wire.b];
    const run = new LiveRun(['eth0', ...DB, '--via', via, ...words], { before });
    await answer(join(run.folder, 'live.sqlite'), FLOWS, () => true);
    return run;
  }

  /** A connection to where nobody listens. */
  const connect = () =>
    spawnSync('ip', ['netns', 'exec', wire.a, 'bash', '-c', 'echo > /dev/tcp/10.59.0.2/9']);

  /** One that is captured by the time this resolves. */
  async function refusedConnection(run: LiveRun): Promise<void> {
    connect();
    await answer(join(run.folder, 'live.sqlite'), FLOWS, (flows) => flows === 1);
  }

  /** The process that captures. */
  function childOf({ child: { pid } }: LiveRun): number {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    expect(children).toHaveLength(1);
    return Number(children[0]);
  }

  /** What it captured before a fault is there, in a database like any other. */
  function expectFinished({ folder }: LiveRun): void {
    const path = join(folder, 'live.sqlite');
    expect(readdirSync(folder)).toEqual(['live.sqlite']);
    expect(integrityOf(path)).toBe('ok');
    expect(ask(path, 'SELECT close_kind FROM flows')).toBe('refused');
    expect(ask(path, 'PRAGMA journal_mode')).toBe('delete');
  }

  it('connections are in the database soon after, and Ctrl-C ends it', async () => {
    const run = await started();
    await refusedConnection(run);
    const outcome = await run.end('SIGINT');
    expect(outcome).toMatchObject({
      code: 0,
      stderr: 'finwait: 1 flow in live.sqlite; finwait report live.sqlite sums them up\n',
    });
    expectFinished(run);
  });

  it.each([
    // tcpdump waits for it to come back.
    ...(via === 'cap' ? [['goes down', 'link set dev eth0 down', 'eth0 went down'] as const] : []),
    ['vanishes', 'link del dev eth0', 'eth0 has vanished'] as const,
  ])('the device %s', async (_, command, said) => {
    const run = await started('--filter', 'tcp');
    await refusedConnection(run);
    ip(wire.b, command);
    expect(await run.end()).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(`^finwait: ${said}; what came before is in live\\.sqlite\\n`),
    });
    expectFinished(run);
  });

  it('the process that captures is killed', async () => {
    const run = await started();
    await refusedConnection(run);
    process.kill(childOf(run), 'SIGKILL');
    expect(await run.end()).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(
        `^finwait: ${via} was killed by SIGKILL; what came before is in live\\.sqlite\\n`,
      ),
    });
    expectFinished(run);
  });

  it('a second Ctrl-C does not wait for a process that does not end', async () => {
    const run = await started();
    await refusedConnection(run);
    const child = childOf(run);
    process.kill(child, 'SIGSTOP');
    const timer = setInterval(() => run.child.kill('SIGINT'), 100);
    expect((await run.end()).code).toBe(130);
    clearInterval(timer);
    process.kill(child, 'SIGKILL');
    const path = join(run.folder, 'live.sqlite');
    expect(integrityOf(path)).toBe('ok');
    expect(ask(path, FLOWS)).toBe(1);
  });

  it('kill -9 leaves the database sound, and no process behind once a packet comes', async () => {
    const run = await started('--quiet');
    await refusedConnection(run);
    await run.end('SIGKILL');
    const path = join(run.folder, 'live.sqlite');
    expect(integrityOf(path)).toBe('ok');
    expect(finwait(['states', path])).toMatchObject({ code: 0, stderr: '' });
    connect();
    while (runProgram('ip', ['netns', 'pids', wire.b]) !== '')
      await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it('a device that is not there, and a filter that is none, are refused', () => {
    const folder = temporaryFolder();
    const live = (...words: string[]) => finwait(['live', ...words, ...DB, '--via', via], { cwd: folder });
    expect(live('nosuch0')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^finwait: nosuch0: .*finwait devices lists them\n$/),
    });
    expect(live('lo', '--filter', 'tcp and and')).toMatchObject({
      code: 2,
      stderr: "finwait: filter tcp and and: can't parse filter expression: syntax error\n",
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('without the right to capture it says how to get it, and leaves nothing', () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o777);
    const { code, stderr } = finwait(['live', 'lo', ...DB, '--via', via], { cwd: folder, uid: 65534 });
    expect(code).toBe(4);
    const [first, ...advice] = stderr.split('\n');
    expect(first).toMatch(/^finwait: lo: no permission to capture \(.*\)$/);
    expect(advice.join('\n')).toMatch(
      /sudo tcpdump [\s\S]* \| finwait live -[\s\S]*setpriv [\s\S]*--ambient-caps[\s\S]*setcap cap_net_raw/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
