import { describe, expect, it } from 'vitest';
import { type DiagnoseOptions, diagnose } from '../../../../../src/report/diagnose/diagnose.ts';
import { areAlike } from '../../../../../src/report/diagnose/family/forgotten/forgotten.ts';
import type { Finding } from '../../../../../src/report/diagnose/frame/finding.ts';
import { parseSysctls, SysctlBook } from '../../../../../src/report/diagnose/frame/sysctl.ts';
import { type Flow, type FlowSegment, NOON } from '../../../../record/batches.ts';
import { databaseOf } from '../../../../record/database.ts';

const SECOND = 1_000_000;

/** A connection with one request and answer, then a silence, then another request. */
interface Idle {
  /** After NOON. */
  at: number;
  silent: number;
  /** What the second request meets: RST, nothing, or its answer. */
  meets: 'RST' | 'nothing' | 'answer';
  columns?: Record<string, number | string>;
  client?: string;
  /** The FIN follows at once. */
  closes?: boolean;
  /** With ACK (0x14) it is the abort of a socket. */
  rstFlags?: number;
}

const segment = (at: number, n: number, changes: Partial<FlowSegment>): FlowSegment => ({
  at,
  frame: n,
  endpoint: 'client',
  flags: 0x10,
  seq: 1,
  ack: 1,
  len: 0,
  meaning: 'ACK of SYN',
  ...changes,
});

function idle({
  at,
  silent,
  meets,
  columns,
  client = '10.0.0.1',
  closes = false,
  rstFlags = 0x04,
}: Idle): Flow {
  const woken = 300 + silent;
  const rst = woken + 50;
  const kinds = {
    RST: {
      close_kind: 'reset',
      closed_first: 'server',
      close_started: rst,
      reset_by: 'server',
      reset_kind: 'idle',
      reset_evidence: 'after-silence',
      last: rst,
    },
    nothing: { close_kind: 'open', client_retransmissions: 6, last: woken + 6 * SECOND },
    answer: { close_kind: 'open', server_bytes: 800, last: woken + SECOND },
  };
  const end = [segment(rst, 4, { endpoint: 'server', flags: rstFlags, seq: 401, meaning: 'RST' })];
  return {
    client,
    columns: {
      first: NOON + at,
      opened: 300,
      observed: 600 * SECOND,
      client_segments: 4,
      server_segments: 4,
      client_bytes: 240,
      server_bytes: 400,
      ...kinds[meets],
      ...(closes && { client_fin: woken + 100 }),
      ...columns,
    },
    segments: [
      segment(0, 1, { flags: 0x02, seq: 0, ack: Number.NaN, meaning: 'SYN' }),
      segment(300, 2, {}),
      segment(woken, 3, { seq: 121, ack: 401, len: 120, meaning: 'after a long silence' }),
      ...(meets === 'RST' ? end : []),
    ],
  };
}

/** Connections that begin one after the other. */
const several = (n: number, every: number, one: Omit<Idle, 'at'>): Flow[] =>
  Array.from({ length: n }, (_, i) => idle({ ...one, at: i * every }));

const named = ({ severity, code, subject, count }: Finding) => `${severity} ${code} ${subject} ${count}`;

function found(flows: readonly Flow[], options: DiagnoseOptions = {}): Finding[] {
  return diagnose(databaseOf(flows), { only: ['idle-middlebox', 'half-open', 'aborts'], ...options })
    .findings;
}

describe('idle connections that are forgotten on the way', () => {
  it.each([
    ['RST', 'likely', 60],
    ['nothing', 'likely', 60],
    ['RST', 'possible', 1],
    ['nothing', 'possible', 1],
  ] as const)('meet %s: %s where they are %d s apart', (meets, confidence, apart) => {
    const findings = found(several(4, apart * SECOND, { silent: 50 * SECOND, meets }));
    expect(findings.map(named)).toEqual(['warning idle-middlebox 10.0.0.1 -> 10.0.0.2:80 4']);
    expect(findings[0]).toMatchObject({ confidence, title: expect.stringContaining('about 50 s') });
  });

  it('are told of the service where several clients have them', () => {
    const flows = ['10.0.0.1', '10.0.0.3', '10.0.0.4'].flatMap((client) =>
      several(1, SECOND, { silent: 50 * SECOND, meets: 'RST', client }),
    );
    expect(found(flows).map(named)).toEqual(['warning idle-middlebox 10.0.0.2:80 3']);
  });

  it('want a keep-alive below that time; whose setting is too late is said', () => {
    const flows = several(4, SECOND, { silent: 50 * SECOND, meets: 'RST' });
    expect(found(flows)[0]?.remedies[0]).toContain('TCP_KEEPIDLE of 25 s or less');
    expect(found(flows)[0]?.remedies[0]).toContain("(Linux's default is 7200 s: too late)");
    const sysctls = new SysctlBook(parseSysctls('net.ipv4.tcp_keepalive_time = 20\n'));
    expect(found(flows, { sysctls })[0]?.remedies[0]).not.toContain('too late');
  });

  it('are for information where nine of ten go on', () => {
    const gone = several(4, 60 * SECOND, { silent: 50 * SECOND, meets: 'RST' });
    const on = several(40, 60 * SECOND, { silent: 50 * SECOND, meets: 'answer' });
    expect(found([...gone, ...on]).map(named)).toEqual(['info idle-middlebox 10.0.0.1 -> 10.0.0.2:80 4']);
  });

  it.each([
    ['two', several(2, SECOND, { silent: 50 * SECOND, meets: 'RST' })],
    ['those that go on', several(9, SECOND, { silent: 50 * SECOND, meets: 'answer' })],
    [
      'requests that wait for an answer when the capture ends',
      several(9, SECOND, { silent: 50 * SECOND, meets: 'nothing', columns: { client_retransmissions: 0 } }),
    ],
    [
      'the good-bye of a server after an idle timeout, answered by an abort: TLS does that every day',
      several(9, SECOND, {
        silent: 60 * SECOND,
        meets: 'RST',
        columns: { close_kind: 'fin-reset', closed_first: 'client' },
        rstFlags: 0x14,
      }),
    ],
    [
      'the good-bye of an idle timeout that nobody is there to hear: fin-retransmitted',
      several(9, SECOND, {
        silent: 60 * SECOND,
        meets: 'nothing',
        columns: { close_kind: 'half', closed_first: 'client' },
        closes: true,
      }),
    ],
    [
      'FINs of an orphan in FIN_WAIT_2, refused by the end that had closed',
      several(9, SECOND, {
        silent: 60 * SECOND,
        meets: 'RST',
        columns: { close_kind: 'fin-reset', closed_first: 'server' },
      }),
    ],
  ])('are none: %s', (_, flows) => {
    expect(found(flows)).toEqual([]);
  });

  it('of a request that is sent again for long, the first one tells the silence', () => {
    const flows = several(3, SECOND, { silent: 50 * SECOND, meets: 'nothing' }).map((flow) => {
      const [, , woken] = flow.segments!;
      const again = { ...woken!, at: woken!.at + 5.5 * SECOND, frame: 9 };
      return { ...flow, segments: [...flow.segments!, again] };
    });
    expect(found(flows)[0]?.title).toContain('about 50 s');
  });
});

describe('connections that one end had forgotten', () => {
  const NO_SOCKET = { reset_kind: 'late-segment', reset_evidence: 'no-socket' };
  /** All began within seconds, and met RST within a second. */
  const lost = (columns: Record<string, number | string> = {}) =>
    Array.from({ length: 4 }, (_, i) =>
      idle({
        at: i * 10 * SECOND,
        silent: (45 - 10 * i) * SECOND,
        meets: 'RST',
        columns: { ...NO_SOCKET, ...columns },
      }),
    );

  it('by a server that lost all at once', () => {
    const [finding, ...more] = found(lost());
    expect(more).toEqual([]);
    expect(named(finding!)).toBe('warning half-open 10.0.0.2:80 4');
    expect(finding?.cause).toContain('at one time');
  });

  it('after silences that are not alike, too', () => {
    const after = { reset_kind: 'idle', reset_evidence: 'after-silence' };
    expect(found(lost(after)).map(named)).toEqual(['warning half-open 10.0.0.2:80 4']);
  });

  it('when the capture began later than the connections', () => {
    const midway = { opened: Number.NaN, role_evidence: 'lower-port', server_segments: 1, server_rsts: 1 };
    expect(found(lost(midway)).map(named)).toEqual(['warning half-open 10.0.0.2:80 4']);
  });

  it('by a client are for information', () => {
    const byClient = { reset_by: 'client', closed_first: 'client' };
    const flows = lost(byClient).map((flow) => ({
      ...flow,
      segments: flow.segments!.map((one) => ({
        ...one,
        endpoint: one.meaning === 'RST' ? ('client' as const) : ('server' as const),
      })),
    }));
    expect(found(flows).map(named)).toEqual(['info half-open 10.0.0.1 -> 10.0.0.2:80 4']);
  });

  it('are for information where most of those that were open then go on', () => {
    const on = several(100, SECOND / 10, { silent: 50 * SECOND, meets: 'answer' });
    expect(found([...lost(), ...on]).map(named)).toEqual(['info half-open 10.0.0.2:80 4']);
  });

  it.each([
    ['two', lost().slice(0, 2)],
    ['RST right after the handshake: backlog-overflow', lost({ server_segments: 3, server_rsts: 2 })],
    ['RST to a peer that had sent nothing', lost({ client_bytes: 0 })],
    ['RST of an end that had closed before', lost({ close_kind: 'fin-reset', closed_first: 'server' })],
    ['RST of a client that only scans', lost({ opened: Number.NaN })],
  ])('are none: %s', (_, flows) => {
    expect(found(flows)).toEqual([]);
  });
});

it.each([
  ['the same', [50, 50, 50], true],
  ['some longer ones of a few', [50, 60, 70, 400], true],
  ['any', [5, 15, 25, 35], false],
] as const)('silences are alike or not: %s', (_, silences, alike) => {
  expect(areAlike(silences)).toBe(alike);
});
