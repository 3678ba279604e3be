import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canCapture, openWire, sendSegments, type Wire } from '../../capture/live/live-wire.ts';
import { ip, run as runProgram } from '../../lab/run.ts';
import { temporaryFolder } from '../../record/database.ts';
import { finwait } from '../finwait.ts';
import { answer, ask, integrityOf, LiveRun } from '../live-run.ts';

// `finwait live DEVICE`, on a wire between two namespaces: what is refused, and what may befall it.

const DB = ['--db', 'live.sqlite'];
const FLOWS = 'SELECT count(*) FROM flows';
const skip = !canCapture();
const LIMITS_OF_CAP =
  'finwait: captured by cap, which loses packets on a busy machine and cannot count them; tcpdump counts its losses';

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
  function childOf(run: LiveRun): number {
    const children = childrenOf(run);
    expect(children).toHaveLength(1);
    return children[0]!;
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
    const [lost, limits] =
      via === 'cap' ? ['not known, as cap does not count them', `${LIMITS_OF_CAP}\n`] : ['none', ''];
    expect(outcome).toMatchObject({
      code: 0,
      stderr:
        `${limits}finwait: packets lost: ${lost}\n` +
        'finwait: 1 flow in live.sqlite; finwait report live.sqlite sums them up\n',
    });
    const last = JSON.parse(outcome.stdout.trim().split('\n').at(-1)!);
    const none = via === 'cap' ? null : 0;
    expect({ drops: last.kernel_drops, unread: last.unread }).toEqual({ drops: none, unread: none });
    expectFinished(run);
  });

  it('an ICMP error is captured by default, and belongs to the connection that it quotes', async () => {
    ip(wire.b, 'route add prohibit 10.60.0.0/24');
    runProgram('ip', ['netns', 'exec', wire.b, 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
    ip(wire.a, 'route add 10.60.0.0/24 via 10.59.0.2');
    const run = await started();
    spawnSync('ip', ['netns', 'exec', wire.a, 'bash', '-c', 'echo > /dev/tcp/10.60.0.9/9']);
    const path = join(run.folder, 'live.sqlite');
    await answer(path, 'SELECT count(*) FROM flows WHERE icmp_us IS NOT NULL', (flows) => flows === 1);
    await run.end('SIGINT');
    const columns = 'close_kind, server_ip, icmp_type, icmp_code, icmp_from_ip, icmp_us >= first_us';
    expect(ask(path, `SELECT concat_ws(' ', ${columns}) FROM flows`)).toBe(
      'unanswered 10.60.0.9 3 13 10.59.0.2 1',
    );
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
      stderr: expect.stringMatching(
        new RegExp(`^finwait: ${said}; what came before is in live\\.sqlite\\n`, 'm'),
      ),
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
        new RegExp(
          `^finwait: ${via} was killed by SIGKILL; what came before is in live\\.sqlite\\n` +
            `finwait: packets lost: not known, as ${via} ${via === 'cap' ? 'does not count them' : 'did not say how many'}\\n`,
          'm',
        ),
      ),
    });
    expectFinished(run);
  });

  it('a second Ctrl-C does not wait for a process that does not end', async () => {
    const run = await started();
    await refusedConnection(run);
    const child = childOf(run);
    // It is continued, and stopped again.
    const timer = setInterval(() => {
      process.kill(child, 'SIGSTOP');
      run.child.kill('SIGINT');
    }, 5);
    expect((await run.end()).code).toBe(130);
    clearInterval(timer);
    process.kill(child, 'SIGKILL');
    const path = join(run.folder, 'live.sqlite');
    expect(integrityOf(path)).toBe('ok');
    expect(ask(path, FLOWS)).toBe(1);
  });

  it('a process that is stopped is said to be, and goes on at Ctrl-C with what came meanwhile', async () => {
    const run = await started('--quiet');
    await refusedConnection(run);
    const child = childOf(run);
    process.kill(child, 'SIGSTOP');
    await run.says(
      new RegExp(`^finwait: ${via} is stopped and takes no packets; kill -CONT ${child} has it go on$`, 'm'),
    );
    connect();
    run.child.kill('SIGINT');
    expect((await run.end()).code).toBe(0);
    const path = join(run.folder, 'live.sqlite');
    expect(integrityOf(path)).toBe('ok');
    expect(ask(path, FLOWS)).toBe(2);
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

describe('by a tcpdump that hangs', () => {
  /** It writes a pcap header, stops, and stops again whenever it is continued. */
  const HANGS = `#!/bin/sh
trap '' TERM USR1
printf '\\324\\303\\262\\241\\002\\000\\004\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\004\\000\\001\\000\\000\\000'
echo 'listening on lo' >&2
while :; do kill -STOP $$; done
`;

  it('Ctrl-C kills it, and the capture has failed', async () => {
    const bin = temporaryFolder();
    writeFileSync(join(bin, 'tcpdump'), HANGS, { mode: 0o755 });
    const run = new LiveRun(['lo', ...DB, '--via', 'tcpdump', '--quiet'], {
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    });
    await run.says(/tcpdump is stopped and takes no packets/);
    const { code, stderr } = await run.end('SIGINT');
    expect(code).toBe(3);
    expect(stderr).toContain('tcpdump was stopped, did not go on and was killed: what it held is lost');
    expect(readdirSync(run.folder)).toEqual(['live.sqlite']);
  });
});

describe.skipIf(skip)('by tcpdump (needs root, ip, tcpdump)', () => {
  let wire: Wire;
  beforeEach(() => {
    wire = openWire();
  });
  afterEach(() => wire.cleanup.run());

  it.each([[[]], [['--quiet']]])(
    'what the kernel drops is said when it is noticed, and at the end: %j',
    async (words) => {
      const before = ['ip', 'netns', 'exec', wire.b];
      // Frames of full length: the ring holds some thousand.
      const run = new LiveRun(['eth0', ...DB, '--snap-length', '65535', ...words], { before });
      await answer(join(run.folder, 'live.sqlite'), FLOWS, () => true);
      const [child] = childrenOf(run);
      process.kill(child!, 'SIGSTOP');
      const sent = await sendSegments(wire, wire.a, 10_000, 1);
      process.kill(child!, 'SIGCONT');
      await run.says(
        /^finwait: the kernel has dropped [\d,]+ packets by now, as this machine is too busy to take them$/m,
      );
      const { code, stderr, stdout } = await run.end('SIGINT');
      expect(code).toBe(0);
      const number = (text: string | undefined) => Number(text?.replaceAll(',', ''));
      const [, dropped, read] =
        /^finwait: packets lost: ([\d,]+) dropped by the kernel; ([\d,]+) were read$/m.exec(stderr) ?? [];
      expect(number(read) + number(dropped)).toBe(sent);
      expect(number(dropped)).toBeGreaterThan(0);
      if (words.length === 0) {
        const last = JSON.parse(stdout.trim().split('\n').at(-1)!);
        expect({ drops: last.kernel_drops, packets: last.packets, unread: last.unread }).toEqual({
          drops: number(dropped),
          packets: sent - number(dropped),
          unread: 0,
        });
      }
    },
  );
});

describe.skipIf(skip)('without --via (needs root, ip, tcpdump, mount)', () => {
  let wire: Wire;
  beforeEach(() => {
    wire = openWire();
  });
  afterEach(() => wire.cleanup.run());

  /** A capture on eth0 of `b`, in a mount namespace that a shell's line has changed. */
  const startedIn = (line: string, words: string[] = []) => {
    const before = ['ip', 'netns', 'exec', wire.b, 'unshare', '-m', 'sh', '-c', `${line}; exec "$@"`, 'sh'];
    return new LiveRun(['eth0', ...DB, ...words], { before });
  };
  const tcpdump = runProgram('which', ['tcpdump']).trim();
  /** Has all of tcpdump's folder but itself. */
  const withoutTcpdump = () => {
    const [bin, kept] = [dirname(tcpdump), temporaryFolder()];
    return [
      `mount --bind ${bin} ${kept}`,
      `${kept}/mount -t tmpfs tmpfs ${bin}`,
      `${kept}/ln -s ${kept}/* ${bin}/`,
      `${kept}/rm ${tcpdump}`,
    ].join(' && ');
  };
  const running = (run: LiveRun) => answer(join(run.folder, 'live.sqlite'), FLOWS, () => true);

  it('tcpdump captures where it is installed and permitted', async () => {
    const run = startedIn('true');
    await running(run);
    expect(childrenOf(run).map(programOf)).toEqual(['tcpdump']);
    expect((await run.end('SIGINT')).stderr).toBe(
      'finwait: packets lost: none\nfinwait: 0 flows in live.sqlite; finwait report live.sqlite sums them up\n',
    );
  });

  it.each([
    ['is not installed', withoutTcpdump, 'tcpdump is not installed: install tcpdump'],
    ['may not be run', () => `mount --bind /dev/null ${tcpdump}`, 'tcpdump may not be run by this user'],
  ])('cap does where tcpdump %s, and its limits are said', async (_, line, why) => {
    const run = startedIn(line());
    await running(run);
    expect(childrenOf(run).map(programOf)).toEqual(['node']);
    expect((await run.end('SIGINT')).stderr).toBe(
      `${LIMITS_OF_CAP.replace('cap,', `cap (${why}),`)}\n` +
        'finwait: packets lost: not known, as cap does not count them\n' +
        'finwait: 0 flows in live.sqlite; finwait report live.sqlite sums them up\n',
    );
  });

  it('a signal while it begins leaves no process behind', async () => {
    const run = startedIn('true');
    let children: number[] = [];
    while (children.length === 0) {
      children = childrenOf(run);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const { code } = await run.end('SIGINT');
    expect([0, 130]).toContain(code);
    while (existsSync(`/proc/${children[0]}`)) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it('a device or a filter that is none is refused at once, by tcpdump', () => {
    const cwd = temporaryFolder();
    // cap would say it as well: what is wrong with the request is said once, and cap is not asked.
    const refused = (...words: string[]) => finwait(['live', ...words, ...DB], { cwd });
    const alike = ['nosuch0', 'lo --filter x'].map((line) => line.split(' '));
    for (const words of alike) expect(refused(...words)).toEqual(refused(...words, '--via', 'tcpdump'));
    expect(refused('nosuch0').code).toBe(2);
  });

  it('without permission either way it says how to get it', () => {
    const cwd = temporaryFolder();
    chmodSync(cwd, 0o777);
    const { code, stderr } = finwait(['live', 'lo', ...DB], { cwd, uid: 65534 });
    expect({ code, first: stderr.split('\n')[0] }).toEqual({
      code: 4,
      first: expect.stringMatching(/^finwait: lo: no permission to capture/),
    });
  });
});

/** The processes that a run has started. */
function childrenOf({ child: { pid } }: LiveRun): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? [] : children.split(' ').map(Number);
}

const programOf = (pid: number) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
