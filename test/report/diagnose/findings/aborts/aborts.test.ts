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
      {
        at: 500_000,
        frame: 4,
        endpoint: columns.reset_by === 'server' ? 'server' : 'client',
        flags: 20,
        seq: 1,
        ack: 1,
        len: 0,
        meaning: 'RST',
      },
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
      'a server that had closed, and got more',
      { ...SERVER, ...ABORT, close_kind: 'fin-reset', reset_kind: 'data-after-close', server_fin: 400_000 },
      `info ${SERVICE} 6`,
      'their program has closed',
    ],
    [
      'a client that had closed, and got the rest of the answer',
      { ...CLIENT, ...ABORT, close_kind: 'fin-reset', reset_kind: 'data-after-close', client_fin: 400_000 },
      `info ${PAIR} 6`,
      'their program has closed',
    ],
    [
      'a server that ends what was idle',
      { ...SERVER, ...ABORT, idle_before_close: 10_000_000, client_bytes: 0 },
      `info ${SERVICE} 6`,
      'idle end by RST',
    ],
    [
      'a check that refuses the SYN-ACK by RST',
      { ...CLIENT, ...ABORT, client_bytes: 0, server_bytes: 0, opened: Number.NaN },
      `info ${PAIR} 6`,
      'unused connections',
    ],
    [
      'a connection of which only the RST was captured',
      { ...SERVER, ...ABORT, client_bytes: 0, server_bytes: 0, opened: Number.NaN, client_isn: Number.NaN },
      `info ${PAIR} 6`,
      'little more than their RST',
    ],
    [
      'a server that aborts, with data under way and a FIN that crosses the RST',
      { ...SERVER, ...ABORT, close_kind: 'fin-reset', client_fin: 500_100 },
      `warning ${SERVICE} 6`,
      'on which it had answered',
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
      'RSTs that acknowledge all and cross the FIN of the peer',
      flows(6, { ...SERVER, ...ABORT, close_kind: 'fin-reset', client_fin: 500_100, client_bytes: 0 }),
      fine(6),
    ],
    [
      'TLS alerts that meet a FIN',
      flows(6, {
        ...SERVER,
        close_kind: 'fin-reset',
        reset_kind: 'data-after-close',
        server_fin: 1,
        late_data_is_alert: 1,
      }),
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

describe('unused connections', () => {
  it('stand by themselves, whatever else the client does', () => {
    const mute = { ...CLIENT, ...ABORT, client_bytes: 0, server_bytes: 0, opened: Number.NaN };
    const findings = found(flows(6, mute), flows(7, { ...CLIENT, ...ABORT }), fine(20));
    expect(findings.map(({ title, count }) => `${count} ${title.slice(0, 16)}`)).toEqual([
      '7 clients close by',
      '6 unused connectio',
    ]);
  });
});

describe('half-open scans', () => {
  const scan = {
    ...CLIENT,
    reset_kind: 'late-segment',
    reset_evidence: 'no-socket',
    opened: Number.NaN,
    client_bytes: 0,
    server_bytes: 0,
  };

  it('are information on the client', () => {
    const [finding] = found(flows(6, scan));
    expect(named(finding!)).toBe('info 10.0.0.1 6');
    expect(finding?.title).toContain('a half-open scan');
  });

  it('are none where the SYN-ACK was not captured', () => {
    expect(found(flows(6, { ...scan, server_isn: Number.NaN }))).toEqual([]);
  });
});

describe('half-closes taken for aborts', () => {
  const half = {
    close_kind: 'fin',
    closed_first: 'client',
    idle_before_close: 150,
    client_fin: 500_000,
    server_fin: 500_400,
    server_bytes: 0,
  };

  it('are a warning from five on, where the service answers others', () => {
    const findings = found(flows(5, half), fine(9));
    expect(findings.map(named)).toEqual([`warning ${SERVICE} 5`]);
    expect(findings[0]?.title).toContain('half-closes are taken for aborts');
  });

  it.each<[string, ...Flow[][]]>([
    ['four', flows(4, half), fine(9)],
    ['a service that never answers', flows(9, half)],
    [
      'a service that answers after half-closes',
      flows(5, half),
      flows(6, { ...half, server_bytes: 400, late_data: 300 }),
    ],
    ['clients that have waited', flows(6, { ...half, idle_before_close: 100_000 }), fine(9)],
    ['a server that works on', flows(6, { ...half, server_fin: 2_000_000 }), fine(9)],
  ])('are none: %s', (_, ...all) => {
    expect(found(...all)).toEqual([]);
  });
});
