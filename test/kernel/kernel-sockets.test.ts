import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, missingForLab, openLab, SERVER_PORT } from '../lab/lab.ts';
import { opened } from '../record/database.ts';
import { finwait } from '../terminal/finwait.ts';
import { answer, LiveRun } from '../terminal/live-run.ts';

// `finwait live eth0 --kernel` on a host of the lab: what its kernel says stands beside what packets show.

const missing = missingForLab();
const skip = missing.length > 0 && (process.env.CI === undefined || missing.includes('root'));
const OLD = 40_001;
const LEFT = 40_002;
const CLOSED = 40_003;
const WAITING = 40_004;
const OVER = 40_005;

describe.skipIf(skip)(`live --kernel${skip ? ` (needs ${missing.join(', ')})` : ''}`, () => {
  let lab: Lab;
  const end = (side: 'client' | 'server', port: number) => ({ ip: lab.network.addresses[side].v4, port });

  beforeAll(async () => {
    lab = await openLab({ subnet: 60 });
  });
  afterAll(() => lab.close());

  async function connect(port: number): Promise<void> {
    const { client, server } = lab.programs;
    const [from, to] = [end('client', port), end('server', SERVER_PORT)];
    await client.do({ do: 'connect', conn: `${port}`, from, to, reading: true, wait: true });
    await server.do({ do: 'accept', conn: `${port}`, from, reading: true });
  }

  function live(side: 'client' | 'server' = 'server'): { run: LiveRun; db: string } {
    const before = ['ip', 'netns', 'exec', lab.network.namespaces[side]];
    const words = ['eth0', '--via', 'tcpdump', '--kernel', '--db', 'k.sqlite'];
    const run = new LiveRun(words, { before });
    return { run, db: join(run.folder, 'k.sqlite') };
  }

  const state = (port: number) =>
    `SELECT state FROM kernel_sockets WHERE peer_port = ${port} ORDER BY id DESC`;

  it('has CLOSE_WAITs from before the capture, with their process; and the measured end of a TIME_WAIT', {
    timeout: 120_000,
  }, async () => {
    const { client, server } = lab.programs;
    await connect(OLD);
    await client.do({ do: 'close', conn: `${OLD}` });
    await server.do({ do: 'ended', conn: `${OLD}` });
    await connect(LEFT);

    const { run, db } = live();
    await run.line();
    await answer(db, state(OLD), (now) => now === 'CLOSE_WAIT');
    await answer(db, state(LEFT), (now) => now === 'ESTABLISHED');
    await connect(CLOSED);
    await answer(db, state(CLOSED), (now) => now === 'ESTABLISHED');
    await server.do({ do: 'close', conn: `${CLOSED}` });
    await client.do({ do: 'ended', conn: `${CLOSED}` });
    await client.do({ do: 'close', conn: `${CLOSED}` });
    await answer(db, state(CLOSED), (now) => now === 'TIME_WAIT');
    const flow = `SELECT flow_id FROM kernel_sockets WHERE peer_port = ${CLOSED} AND state = 'TIME_WAIT'`;
    expect(await answer(db, flow, (id) => id !== null)).toBe(1);
    await answer(db, flow.replace('flow_id', 'gone_us'), (gone) => gone !== null);
    expect(await run.end('SIGINT')).toMatchObject({ code: 0 });

    const finished = opened(db);
    const all = (sql: string) => finished.prepare(sql).all();
    expect(
      all(
        `SELECT peer_port, state, program, pid > 0 AS has_pid, in_backlog, unread, flow_id, endpoint, gone_us IS NULL AS stands
           FROM kernel_sockets WHERE port = ${SERVER_PORT} ORDER BY peer_port, id`,
      ),
    ).toEqual([
      row({ peer_port: OLD, state: 'CLOSE_WAIT', flow_id: null, endpoint: null, stands: 1 }),
      row({ peer_port: LEFT, state: 'ESTABLISHED', flow_id: null, endpoint: null, stands: 1 }),
      row({ peer_port: CLOSED, state: 'ESTABLISHED', stands: 0 }),
      row({ peer_port: CLOSED, state: 'TIME_WAIT', stands: 0 }),
    ]);
    const [wait] = all(
      `SELECT t.endpoint, ended_by, evidence, at_least_us >= 59e6 AND at_most_us < 70e6 AS minute,
           at_most_us > at_least_us AS bounded, k.timer_us BETWEEN 58e6 AND 60e6 AS timer
         FROM time_waits AS t JOIN kernel_sockets AS k USING (flow_id, endpoint) WHERE k.state = 'TIME_WAIT'`,
    );
    const proven = { minute: 1, bounded: 1, timer: 1 };
    expect(wait).toEqual({ endpoint: 'server', ended_by: 'kernel', evidence: 'kernel', ...proven });
    const path = finished
      .prepare("SELECT state FROM state_intervals WHERE endpoint = 'server' ORDER BY entered_us, step")
      .pluck();
    expect(path.all().slice(-2)).toEqual(['TIME_WAIT', 'CLOSED']);
  });

  it('has the state of an end where packets cannot tell it: who had closed before the capture began', async () => {
    const { client, server } = lab.programs;
    for (const port of [WAITING, OVER]) await connect(port);
    await server.do({ do: 'close', conn: `${OVER}` });
    await client.do({ do: 'ended', conn: `${OVER}` });
    const hosts = { client: live('client'), server: live('server') };
    const now = (side: 'client' | 'server', port: number) =>
      `SELECT state FROM kernel_sockets WHERE ${side === 'client' ? 'port' : 'peer_port'} = ${port} ORDER BY id DESC`;
    for (const side of ['client', 'server'] as const) {
      await hosts[side].run.line();
      await answer(hosts[side].db, now(side, WAITING), (state) => state === 'ESTABLISHED');
    }
    // On the wire both are a FIN and its ACK.
    for (const port of [WAITING, OVER]) await client.do({ do: 'close', conn: `${port}` });
    await answer(hosts.server.db, now('server', WAITING), (state) => state === 'CLOSE_WAIT');
    await answer(hosts.server.db, now('server', OVER), (state) => state === 'TIME_WAIT');
    await answer(hosts.client.db, now('client', WAITING), (state) => state === 'FIN_WAIT_2');
    const gone = `SELECT gone_us FROM kernel_sockets WHERE port = ${OVER} ORDER BY id DESC`;
    await answer(hosts.client.db, gone, (us) => us !== null);
    const told = 'SELECT client_port, client_state, server_state, closed_first FROM flows ORDER BY 1';
    for (const { run } of Object.values(hosts)) expect(await run.end('SIGINT')).toMatchObject({ code: 0 });
    const rows = (side: 'client' | 'server') => opened(hosts[side].db).prepare(told).raw().all();
    expect(rows('server')).toEqual([
      [WAITING, 'UNKNOWN', 'CLOSE_WAIT', 'client'],
      [OVER, 'UNKNOWN', 'TIME_WAIT', 'server'],
    ]);
    expect(rows('client')).toEqual([
      [WAITING, 'FIN_WAIT_2', 'UNKNOWN', 'client'],
      [OVER, 'CLOSED', 'UNKNOWN', null],
    ]);
    const found = finwait(['states', hosts.server.db, '--endpoint', 'server']).stdout;
    expect(found).toMatch(/^CLOSE_WAIT +1$/m);
    expect(found).toMatch(/^TIME_WAIT +1$/m);
    expect(found).not.toMatch(/^UNKNOWN/m);
    expect(finwait(['show', hosts.server.db, '2']).stdout).toContain('had closed before, unseen');
  });
});

/** What the server's program has, or had; that it was notified of. */
function row(more: Record<string, unknown>): Record<string, unknown> {
  const program = { program: expect.stringMatching(/\S/), has_pid: 1, in_backlog: 0, unread: 0 };
  return { ...program, flow_id: 1, endpoint: 'server', ...more };
}
