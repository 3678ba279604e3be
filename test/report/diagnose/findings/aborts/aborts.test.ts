import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../../src/report/diagnose/diagnose.ts';
import type { Finding } from '../../../../../src/report/diagnose/frame/finding.ts';
import { type Flow, NOON } from '../../../../record/batches.ts';
import { databaseOf } from '../../../../record/database.ts';

type Columns = Record<string, number | string>;

const CLIENT = { close_kind: 'reset', closed_first: 'client', reset_by: 'client' };
const SERVER = { close_kind: 'reset', closed_first: 'server', reset_by: 'server' };
const ABORT = { reset_kind: 'unread-data-or-linger', reset_evidence: 'data-from-peer' };

function flows(count: number, columns: Columns, client = '10.0.0.1'): Flow[] {
  return Array.from({ length: count }, (_, i) => ({
    client,
    columns: {
      first: NOON + i * 1000,
      last: 500_000,
      opened: 300,
      client_segments: 4,
      server_segments: 3,
      client_bytes: 120,
      server_bytes: 400,
      ...(columns.reset_by !== undefined && { close_started: 500_000, close_ended: 500_000 }),
      ...columns,
    },
    segments: [
      { at: 500_000, frame: 4, endpoint: 'client', flags: 20, seq: 1, ack: 1, len: 0, meaning: 'RST' },
    ],
  }));
}

const fine = (count: number, client?: string) =>
  flows(count, { close_kind: 'fin', closed_first: 'client' }, client);
const found = (...all: Flow[][]) => diagnose(databaseOf(all.flat()), { only: ['aborts'] }).findings;
const named = ({ severity, subject, count }: Finding) => `${severity} ${subject} ${count}`;

const PAIR = '10.0.0.1 -> 10.0.0.2:80';
const SERVICE = '10.0.0.2:80';

describe('aborts, told apart by what had gone to and fro', () => {
  it.each([
    [
      'a client that waits in vain',
      { ...CLIENT, ...ABORT, server_bytes: 0 },
      `warning ${PAIR} 6`,
      'wait for the answer',
    ],
    ['a client that has its answer', { ...CLIENT, ...ABORT }, `info ${PAIR} 6`, 'after they got an answer'],
    [
      'a client that neither sent nor got a byte',
      { ...CLIENT, ...ABORT, client_bytes: 0, server_bytes: 0 },
      `info ${PAIR} 6`,
      'without a byte',
    ],
    [
      'a server that reads nothing',
      { ...SERVER, ...ABORT, server_bytes: 0 },
      `warning ${SERVICE} 6`,
      'without reading',
    ],
    [
      'a server that aborts at once',
      { ...SERVER, ...ABORT, client_bytes: 0, server_bytes: 0 },
      `warning ${SERVICE} 6`,
      'before anybody',
    ],
    [
      'a server that has answered',
      { ...SERVER, ...ABORT },
      `warning ${SERVICE} 6`,
      'on which it had answered',
    ],
    [
      'a server that had closed, and got another request',
      { ...SERVER, ...ABORT, close_kind: 'fin-reset', reset_kind: 'data-after-close' },
      `warning ${SERVICE} 6`,
      'their program has closed',
    ],
    [
      'a client that had closed, and got the rest of the answer',
      { ...CLIENT, ...ABORT, close_kind: 'fin-reset', reset_kind: 'data-after-close' },
      `info ${PAIR} 6`,
      'their program has closed',
    ],
    [
      'somebody between',
      { ...SERVER, reset_kind: 'injected', reset_evidence: 'other-ttl' },
      `warning ${SERVICE} 6`,
      'somebody between',
    ],
  ] as const)('%s', (_, columns, name, title) => {
    const findings = found(flows(6, columns), fine(20));
    expect(findings.map(named)).toEqual([name]);
    expect(findings[0]?.title).toContain(title);
  });
});

describe('no finding', () => {
  it.each([
    ['four', flows(4, { ...SERVER, ...ABORT }), fine(4)],
    ['six of two hundred', flows(6, { ...SERVER, ...ABORT }), fine(194)],
    [
      'RSTs that answer the FIN of the peer, as after the close_notify of TLS',
      flows(6, { ...CLIENT, ...ABORT, close_kind: 'fin-reset', closed_first: 'server' }),
      fine(6),
    ],
    [
      'RSTs of ends without a socket: half-open has those',
      flows(6, { ...SERVER, reset_kind: 'late-segment', reset_evidence: 'no-socket' }),
      fine(6),
    ],
    [
      'RSTs after a silence: idle-middlebox has those',
      flows(6, { ...SERVER, reset_kind: 'idle', reset_evidence: 'after-silence' }),
      fine(6),
    ],
  ])('%s', (_, ...all) => {
    expect(found(...all)).toEqual([]);
  });
});

describe('whose they are', () => {
  const vain = { ...CLIENT, ...ABORT, server_bytes: 0 };

  it('of the one client that has half of them, as a share of its own connections', () => {
    const findings = found(flows(8, vain), flows(2, vain, '10.0.0.3'), fine(400, '10.0.0.4'));
    expect(findings.map(named)).toEqual([`warning ${PAIR} 8`]);
  });

  it('else of the service', () => {
    const all = ['10.0.0.1', '10.0.0.3', '10.0.0.4'].map((client) => flows(3, vain, client));
    expect(found(...all, fine(20)).map(named)).toEqual([`warning ${SERVICE} 9`]);
  });

  it('the worst of several kinds is reported', () => {
    const [finding] = found(flows(9, { ...CLIENT, ...ABORT }), flows(6, vain), fine(20));
    expect(finding).toMatchObject({
      severity: 'warning',
      title: expect.stringContaining('wait for the answer'),
    });
    expect(finding?.evidence.numbers).toMatchObject({ aborted: 15, of: 35, gave_up: 6, after_answer: 9 });
  });
});
