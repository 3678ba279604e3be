import type { Database } from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { KernelSocketRow } from '../../src/capture/kernel/kernel-socket-watch.ts';
import { namedQuery } from '../../src/report/named-query.ts';
import { FIN_FLOW, LEAK_FLOW } from '../record/flows.ts';
import { at, Run, SERVER, socket } from '../record/kernel-run.ts';

function ask(db: Database, name: string, given: Record<string, number | string> = {}): object[] {
  const { sql, parameters } = namedQuery(name)!;
  const unset = Object.fromEntries(parameters.map((parameter) => [parameter.name, null]));
  return db.prepare<[object], object>(sql).all({ ...unset, ...given });
}

/** A CLOSE_WAIT at the server's port 80; without a flow, but for peers that have one. */
function closeWait(id: number, more: Partial<KernelSocketRow> = {}): KernelSocketRow {
  const { words } = SERVER;
  const peer = { words: [0, 0, 0xffff, 0x0a_00_00_09] satisfies [number, number, number, number], port: id };
  const owner = { pid: 7, program: 'nginx' };
  return socket({ id, local: { words, port: 80 }, peer, state: 'CLOSE_WAIT', inode: id, owner, ...more });
}

describe('kernel-sockets', () => {
  it('shows wire beside kernel, and first where they differ', () => {
    const flows = [FIN_FLOW, { ...FIN_FLOW, columns: { ...FIN_FLOW.columns, client_port: 40_001 } }];
    const db = new Run()
      .flows(...flows)
      .sample(
        10,
        socket(),
        socket({
          id: 2,
          local: { ...socket().local, port: 40_001 },
          state: 'FIN_WAIT_2',
          timerUs: Number.NaN,
        }),
        closeWait(3, { firstSeenUs: at(5), unread: 1 }),
        socket({ id: 4, goneUs: at(9), lastSeenUs: at(8), local: SERVER }),
      )
      .finish();
    expect(ask(db, 'kernel-sockets')).toMatchObject([
      { port: 40_001, kernel_state: 'FIN_WAIT_2', wire_state: 'TIME_WAIT', timer_s: null, flow: 2 },
      { port: 80, kernel_state: 'CLOSE_WAIT', wire_state: null, seen_s: 5, program: 'nginx', unread: 1 },
      { port: 40_000, kernel_state: 'TIME_WAIT', wire_state: 'TIME_WAIT', timer_s: 59.8, flow: 1 },
    ]);
    expect(ask(db, 'kernel-sockets', { state: 'CLOSE_WAIT', limit: 1 })).toMatchObject([
      { pid: 7, flow: null },
    ]);
  });

  it('shows those of the latest capture only', () => {
    const run = new Run().sample(5, closeWait(1));
    run.finish();
    run.again();
    run.sample(80, closeWait(1, { firstSeenUs: at(80) }));
    expect(ask(run.finish(), 'kernel-sockets')).toMatchObject([{ seen_s: 0 }]);
  });
});

describe('kernel-close-waits', () => {
  it('tells what the programs have not done', () => {
    const master = { pid: 1, program: 'master' };
    const db = new Run()
      .flows(LEAK_FLOW)
      .sample(
        12,
        closeWait(1, { unread: 1 }),
        closeWait(2, { unread: 300, firstSeenUs: at(2) }),
        closeWait(3),
        closeWait(4, { inBacklog: true, unread: 1, owner: master }),
        closeWait(5, { goneUs: at(11), lastSeenUs: at(10) }),
        closeWait(6, { state: 'LAST_ACK' }),
      )
      .finish();
    expect(ask(db, 'kernel-close-waits')).toEqual([
      {
        ...{ ip: '10.0.0.2', port: 80, program: 'nginx', pid: 7, close_waits: 3, in_backlog: 0 },
        ...{ not_read: 2, read_all: 1, unseen: 3, oldest_at_least_s: 10 },
      },
      {
        ...{ ip: '10.0.0.2', port: 80, program: 'master', pid: 1, close_waits: 1, in_backlog: 1 },
        ...{ not_read: 0, read_all: 0, unseen: 1, oldest_at_least_s: 7.8 },
      },
    ]);
    expect(ask(db, 'kernel-close-waits', { limit: 1 })).toHaveLength(1);
  });
});
