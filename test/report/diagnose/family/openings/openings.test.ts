import { describe, expect, it } from 'vitest';
import { type DiagnoseOptions, diagnose } from '../../../../../src/report/diagnose/diagnose.ts';
import type { Finding } from '../../../../../src/report/diagnose/frame/finding.ts';
import { type Flow, NOON } from '../../../../record/batches.ts';
import { databaseOf } from '../../../../record/database.ts';

const SECOND = 1_000_000;
const CODES = ['backlog-overflow', 'syn-unanswered', 'refused', 'tw-recycle-nat'];

/** Connections that begin one after the other. */
interface Series {
  count: number;
  /** Of the first, after NOON. */
  at: number;
  /** Between two. */
  every: number;
  client?: string;
  server?: string;
  port?: number;
  columns?: (i: number) => Record<string, number | string>;
  history?: string;
}

function series(
  { count, at, every, client, server, port = 80, columns, history = 'ShADadFf' }: Series,
  kind: Record<string, number | string>,
): Flow[] {
  return Array.from({ length: count }, (_, i) => ({
    ...(client !== undefined && { client }),
    ...(server !== undefined && { server }),
    columns: {
      server_port: port,
      first: NOON + at + i * every,
      last: SECOND,
      observed: 300 * SECOND,
      client_segments: 5,
      server_segments: 4,
      first_frame: i + 1,
      ...kind,
      ...columns?.(i),
    },
    history,
    segments: [
      { at: 0, frame: i + 1, endpoint: 'client', flags: 2, seq: 0, ack: Number.NaN, len: 0, meaning: 'SYN' },
    ],
  }));
}

const opened = (s: Series) => series(s, { close_kind: 'fin', opened: 300 });
const late = (s: Series) => series(s, { close_kind: 'fin', opened: 1.1 * SECOND, client_retransmissions: 1 });
const lateAck = (s: Series) =>
  series(s, { close_kind: 'fin', opened: 1.1 * SECOND, server_retransmissions: 1 });
const unanswered = (s: Series) =>
  series(s, { close_kind: 'unanswered', last: 3 * SECOND, client_segments: 3, server_segments: 0 });
const refused = (s: Series) =>
  series(s, {
    close_kind: 'refused',
    last: 50,
    client_segments: 1,
    server_segments: 1,
    reset_by: 'server',
    reset_kind: 'refused',
    reset_evidence: 'answers-syn',
  });

function found(flows: readonly Flow[][], options: DiagnoseOptions = {}): Finding[] {
  return diagnose(databaseOf(flows.flat()), { only: CODES, ...options }).findings;
}

const named = ({ severity, code, subject, count }: Finding) => `${severity} ${code} ${subject} ${count}`;

describe('a service that opens some connections and others late or not at all', () => {
  const others = opened({ count: 20, at: 0, every: SECOND / 2 });

  it.each([
    ['SYNs that had to be sent again', late({ count: 6, at: 4 * SECOND, every: 1000 }), 'possible'],
    ['SYN-ACKs that had to be sent again', lateAck({ count: 6, at: 4 * SECOND, every: 1000 }), 'likely'],
    [
      'SYNs that were never answered',
      unanswered({ count: 6, at: 4 * SECOND, every: SECOND / 3 }),
      'possible',
    ],
    [
      'first requests sent again and again',
      opened({
        count: 6,
        at: 4 * SECOND,
        every: 1000,
        columns: () => ({ client_retransmissions: 3 }),
        history: 'ShADTadFf',
      }),
      'likely',
    ],
    [
      'last ACKs answered by RST (tcp_abort_on_overflow)',
      opened({
        count: 6,
        at: 4 * SECOND,
        every: 1000,
        columns: () => ({
          close_kind: 'reset',
          close_started: 400_000,
          reset_by: 'server',
          reset_kind: 'late-segment',
          reset_evidence: 'no-socket',
          server_segments: 3,
          server_rsts: 2,
        }),
        history: 'ShADr',
      }),
      'likely',
    ],
  ] as const)('is overrun: %s', (_, slow, confidence) => {
    const findings = found([others, [...slow]]);
    expect(findings.map(named)).toEqual(['warning backlog-overflow 10.0.0.2:80 6']);
    expect(findings[0]?.confidence).toBe(confidence);
  });

  it('is on a path that loses packets, if the others lose some as well', () => {
    const lossy = opened({
      count: 20,
      at: 0,
      every: SECOND / 2,
      columns: (i) => ({ server_retransmissions: i % 2 }),
    });
    const [finding, ...more] = found([lossy, late({ count: 6, at: 4 * SECOND, every: 1000 })]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ severity: 'info', confidence: 'possible' });
  });

  it.each([
    ['four', [others, late({ count: 4, at: 4 * SECOND, every: 1000 })]],
    [
      'many, but one at a time: what any path loses',
      [opened({ count: 500, at: 0, every: SECOND / 5 }), late({ count: 20, at: 0, every: 5 * SECOND })],
    ],
    [
      'five at once among hundreds at that time',
      [opened({ count: 800, at: 0, every: SECOND / 100 }), late({ count: 5, at: 4 * SECOND, every: 1000 })],
    ],
    [
      'slow handshakes in which nothing was sent again: a long way',
      [
        others,
        late({ count: 6, at: 4 * SECOND, every: 1000, columns: () => ({ client_retransmissions: 0 }) }),
      ],
    ],
    [
      'SYNs sent again at once, as after an old ACK out of TIME_WAIT',
      [others, late({ count: 6, at: 4 * SECOND, every: 1000, columns: () => ({ opened: 10_000 }) })],
    ],
    [
      'a first request sent again once, as any may be lost',
      [
        others,
        opened({
          count: 6,
          at: 4 * SECOND,
          every: 1000,
          columns: () => ({ client_retransmissions: 1 }),
          history: 'ShADTadFf',
        }),
      ],
    ],
  ] as const)('is in order: %s', (_, flows) => {
    expect(found(flows as unknown as Flow[][])).toEqual([]);
  });

  it('sorts SYNs by their timestamps: that is tw-recycle-nat', () => {
    const newer = opened({
      count: 20,
      at: 0,
      every: SECOND / 2,
      columns: (i) => ({ client_syn_tsval: 9_000_000 + 500 * i }),
    });
    const older = unanswered({
      count: 6,
      at: 4 * SECOND,
      every: SECOND / 3,
      columns: (i) => ({ client_syn_tsval: 1_000_000 + 333 * i }),
    });
    expect(found([newer, older]).map(named)).toEqual(['critical tw-recycle-nat 10.0.0.1 -> 10.0.0.2:80 6']);
  });
});

describe('SYNs that nobody answers', () => {
  const six = { count: 6, at: 4 * SECOND, every: SECOND };

  it.each([
    [
      'at an address of which nothing is heard',
      [unanswered(six)],
      'warning syn-unanswered 10.0.0.2 6',
      'nothing comes',
    ],
    [
      'at several ports of it, a few each',
      [unanswered({ ...six, count: 3 }), unanswered({ ...six, count: 3, port: 81 })],
      'warning syn-unanswered 10.0.0.2 6',
      'nothing comes',
    ],
    [
      'at one port of an address that answers at another',
      [unanswered(six), opened({ ...six, port: 443 })],
      'warning syn-unanswered 10.0.0.2:80 6',
      'no answer from this port',
    ],
    [
      'of a service that had opened others before',
      [opened({ ...six, at: 0, every: SECOND / 10 }), unanswered(six)],
      'warning syn-unanswered 10.0.0.2:80 6',
      'answered at other times',
    ],
    [
      'of one client, while others are answered',
      [opened({ ...six, at: 0, count: 20 }), unanswered({ ...six, client: '10.0.0.9' })],
      'warning syn-unanswered 10.0.0.9 -> 10.0.0.2:80 6',
      'this client alone',
    ],
    [
      'of one client that tries many ports',
      [unanswered({ count: 25, at: 0, every: 1000, columns: (i) => ({ server_port: 1000 + i }) })],
      'info syn-unanswered 10.0.0.1 25',
      'scan',
    ],
  ] as const)('%s', (_, flows, name, title) => {
    const findings = found(flows as unknown as Flow[][]);
    expect(findings.map(named)).toEqual([name]);
    expect(findings[0]?.title).toContain(title);
  });

  it.each([
    ['a few', [unanswered({ ...six, count: 4 })]],
    [
      'those that the capture cut off',
      [unanswered({ ...six, columns: () => ({ last: 0, observed: SECOND / 2 }) })],
    ],
  ] as const)('are no finding: %s', (_, flows) => {
    expect(found(flows as unknown as Flow[][])).toEqual([]);
  });

  it('those of a scan do not make its targets findings', () => {
    const scan = unanswered({
      count: 50,
      at: 0,
      every: 1000,
      columns: (i) => ({ server_port: 1000 + (i % 25) }),
    });
    const again = unanswered({
      count: 50,
      at: 9,
      every: 1000,
      columns: (i) => ({ server_port: 1000 + (i % 25) }),
    });
    expect(found([scan, again]).map(named)).toEqual(['info syn-unanswered 10.0.0.1 100']);
  });
});

describe('SYNs that are refused', () => {
  const six = { count: 6, at: 20 * SECOND, every: SECOND };
  const before = opened({ count: 10, at: 0, every: SECOND });
  const after = opened({ count: 10, at: 40 * SECOND, every: SECOND });

  it.each([
    ['at a port on which nobody listens', [], 'nobody listens'],
    ['by a service that served before', [before], 'the service ended'],
    ['by a service that serves later', [after], 'later than clients came'],
    ['by a service that served before and after', [before, after], 'away for a while'],
    [
      'by a service that serves others meanwhile',
      [opened({ count: 9, at: 18 * SECOND, every: SECOND })],
      'refuses some',
    ],
  ] as const)('%s', (_, others, title) => {
    const findings = found([refused(six), ...others] as Flow[][]);
    expect(findings.map(named)).toEqual(['warning refused 10.0.0.2:80 6']);
    expect(findings[0]?.title).toContain(title);
  });

  it('for a moment, by a service that is busy all day', () => {
    const busy = opened({ count: 1000, at: 0, every: SECOND / 5 });
    const moment = refused({ count: 8, at: 100 * SECOND + 1, every: SECOND / 5 });
    expect(found([busy, moment]).map(named)).toEqual(['warning refused 10.0.0.2:80 8']);
  });

  it('now and then, by a service that is busy all day, are no finding', () => {
    const busy = opened({ count: 1000, at: 0, every: SECOND / 5 });
    expect(found([busy, refused({ count: 8, at: 0, every: 20 * SECOND })])).toEqual([]);
  });

  it('of one client that tries many ports are a scan', () => {
    const scan = refused({ count: 25, at: 0, every: 1000, columns: (i) => ({ server_port: 1000 + i }) });
    expect(found([scan]).map(named)).toEqual(['info refused 10.0.0.1 25']);
  });

  it('count by other thresholds, where these are given', () => {
    const two = [refused({ ...six, count: 2 })];
    expect(found(two)).toEqual([]);
    expect(found(two, { thresholds: { 'opening-count': 2 } })).toHaveLength(1);
  });
});
