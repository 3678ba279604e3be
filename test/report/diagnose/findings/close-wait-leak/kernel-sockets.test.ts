import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { diagnose } from '../../../../../src/report/diagnose/diagnose.ts';
import { NOON } from '../../../../record/batches.ts';
import { opened, temporaryFolder, writeDatabase } from '../../../../record/database.ts';
import { flow, SECOND, times, type Wait } from './waits.ts';

/** What the kernel knew of the server's socket of each flow (live --kernel). */
interface Socket {
  program?: string;
  pid?: number;
  inBacklog?: boolean;
  state?: string;
}

/** The finding on some CLOSE_WAITs and their sockets, of which the nth is that of the nth flow. */
function found(waits: readonly Wait[], sockets: readonly Socket[]) {
  const path = join(temporaryFolder(), 'kernel.sqlite');
  writeDatabase(path, waits.map(flow));
  const db = new Database(path);
  db.exec(`INSERT INTO kernel_samples VALUES (1, ${NOON}, ${NOON + 200 * SECOND}, 2, 1)`);
  const insert = db.prepare(
    `INSERT INTO kernel_socket_data (capture_id, ip, port, peer_ip, peer_port, state, first_seen, pid, program,
       in_backlog, unread, unsent, flow_id, endpoint)
     VALUES (1, '10.0.0.2', 80, '10.0.0.1', 40000, ?, ${NOON}, ?, ?, ?, 1, 0, ?, 1)`,
  );
  sockets.forEach(({ program, pid, inBacklog = false, state = 'CLOSE_WAIT' }, i) => {
    insert.run(state, pid ?? null, program ?? null, Number(inBacklog), i + 1);
  });
  db.close();
  const { findings } = diagnose(opened(path), { only: ['close-wait-leak'] });
  return findings[0];
}

const LEAK = times(3, { ago: 61 * SECOND });
const BACKLOG = times(3, { ago: 2 * SECOND, sent: 0 });

it('the cause names the process that has them', () => {
  const socket = { program: 'app', pid: 7 };
  expect(found(LEAK, [socket, socket, socket])?.cause).toMatch(
    / On the host that is 1 process: app \(7\)\.$/,
  );
});

it('or each of several', () => {
  const finding = found(LEAK, [
    { program: 'app', pid: 8 },
    { program: 'app', pid: 7 },
    { program: 'cron', pid: 9 },
  ]);
  expect(finding?.cause).toContain('that is 3 processes: app (7), app (8), cron (9).');
});

it.each([
  ['nothing', []],
  ['no program of the socket', [{}]],
  ['a socket of another state', [{ program: 'app', pid: 7, state: 'LAST_ACK' }]],
])('and no process where the kernel knew %s', (_, sockets) => {
  expect(found(LEAK, sockets)?.cause).not.toContain('On the host');
});

it('a full backlog is certain where the kernel says that most have not been accepted', () => {
  const waiting = { inBacklog: true };
  expect(found(BACKLOG, [waiting, waiting])).toMatchObject({
    confidence: 'certain',
    confidenceReason: 'the kernel says that no program has accepted them',
  });
  expect(found(BACKLOG, [waiting])?.confidence).toBe('likely');
});
