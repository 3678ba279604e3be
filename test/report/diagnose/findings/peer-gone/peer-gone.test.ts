import { describe, expect, it } from 'vitest';
import type { CaptureQuality } from '../../../../../src/record/rows/capture-row.ts';
import { diagnose } from '../../../../../src/report/diagnose/diagnose.ts';
import type { Finding } from '../../../../../src/report/diagnose/frame/finding.ts';
import { captureOf, type Flow, type FlowSegment, NOON } from '../../../../record/batches.ts';
import { databaseOf } from '../../../../record/database.ts';
import { named, numbersOf } from '../../found.ts';

const SECOND = 1_000_000;
type End = 'client' | 'server';

const segment = (at: number, changes: Partial<FlowSegment>): FlowSegment => ({
  at,
  frame: Math.round(at / 1000) + 1,
  endpoint: 'client',
  flags: 0x10,
  seq: 1,
  ack: 1,
  len: 0,
  meaning: 'ACK of SYN',
  ...changes,
});

/** A connection with some requests, of which one, after `at`, is never acknowledged. */
interface Gone {
  at?: number;
  /** How long it is sent again. */
  tried?: number;
  gone?: End;
  client?: string;
  server?: string;
  /** How long it was silent before, in the capture. */
  silent?: number;
  columns?: Flow['columns'];
  /** Keep-alives instead of data. */
  probes?: number;
  len?: number;
}

function goneFlow({
  at = 3 * SECOND,
  tried = 20 * SECOND,
  gone = 'server',
  client = '10.0.0.1',
  server = '10.0.0.2',
  silent = 0,
  columns,
  probes = 0,
  len = 120,
}: Gone = {}): Flow {
  const sender: End = gone === 'server' ? 'client' : 'server';
  const keepAlives = Array.from({ length: probes }, (_, i) =>
    segment(at + (tried * i) / probes, { endpoint: sender, meaning: 'unanswered keep-alive' }),
  );
  const data = segment(at, {
    endpoint: sender,
    len,
    meaning: silent > 0 ? 'unacknowledged data after a long silence' : 'unacknowledged data',
  });
  return {
    client,
    server,
    columns: {
      first: NOON,
      opened: 300,
      last: at + tried,
      observed: 600 * SECOND,
      client_segments: 20,
      server_segments: 20,
      client_bytes: 400,
      server_bytes: 400,
      [`${sender}_retransmissions`]: probes > 0 ? 0 : 7,
      ...columns,
    },
    segments: [
      segment(0, { flags: 0x02, seq: 0, meaning: 'SYN' }),
      segment(200, { endpoint: 'server', flags: 0x12, seq: 0, meaning: 'SYN-ACK' }),
      segment(300, {}),
      ...(silent > 0 ? [segment(at - silent, { meaning: 'before a long silence' })] : []),
      ...(probes > 0 ? keepAlives : [data]),
    ],
  };
}

const goneFlows = (n: number, one: Gone = {}): Flow[] =>
  Array.from({ length: n }, (_, i) => goneFlow({ ...one, at: (one.at ?? 3 * SECOND) + i * 10_000 }));

/** A connection that was opened later, or tried. */
const later = (columns: Flow['columns'], client = '10.0.0.1'): Flow => ({
  client,
  columns: { first: NOON + 10 * SECOND, client_segments: 5, ...columns },
});
const UNANSWERED = { close_kind: 'unanswered' };
const OPENED = { close_kind: 'fin', opened: 300, server_segments: 5 };

const found = (flows: readonly Flow[], quality: CaptureQuality = {}): Finding[] =>
  diagnose(databaseOf(flows, [captureOf({ quality })]), { only: ['peer-gone', 'idle-middlebox'] }).findings;

describe('a host that is gone', () => {
  it.each([
    ['nobody tries again', [], 'likely', 'get no answer any more'],
    [
      'new connections are not answered',
      [later(UNANSWERED)],
      'likely',
      'the host, or the route to it, is gone',
    ],
    ['new ones are answered', [later(OPENED)], 'possible', 'forgotten on the way, or the address moved'],
  ] as const)('%s', (_, more, confidence, title) => {
    const [finding, ...others] = found([...goneFlows(3), ...more]);
    expect(others).toEqual([]);
    expect(named(finding!)).toBe('warning peer-gone 10.0.0.2 3');
    expect(finding).toMatchObject({ confidence, title: expect.stringContaining(title) });
    expect(numbersOf(finding)).toMatchObject({
      with_data: 3,
      tried_for_up_to_us: 20 * SECOND,
      first_unanswered_within_us: 20_000,
    });
  });

  it('leaves keep-alives without an answer as well', () => {
    const [finding] = found(goneFlows(3, { probes: 3 }));
    expect(named(finding!)).toBe('warning peer-gone 10.0.0.2 3');
    expect(numbersOf(finding)).toMatchObject({ with_keep_alives: 3 });
    expect(finding?.cause).toContain('keep-alives were sent again');
    // They were idle, and what helps data does nothing for them.
    expect(finding?.title).toContain('idle connections');
    expect(finding?.remedies.join()).not.toContain('TCP_USER_TIMEOUT');
    expect(finding?.notToDo.join()).not.toContain('TCP_KEEPIDLE');
  });

  it('says what helps, and that a keep-alive does not', () => {
    const [finding] = found(goneFlows(3));
    expect(finding?.remedies.join(' ')).toMatch(/TCP_USER_TIMEOUT.*HTTP\/2 PING/);
    expect(finding?.notToDo[0]).toContain('TCP_KEEPIDLE');
    expect(finding?.notToDo[0]).toContain('do not run while data is unacknowledged');
  });

  it('is the client: a warning where it is one of a few, ordinary where it is one of many', () => {
    const gone = goneFlows(3, { gone: 'client' });
    expect(found(gone).map(named)).toEqual(['warning peer-gone 10.0.0.1 3']);
    const many = Array.from({ length: 20 }, (_, i) => later(OPENED, `10.0.1.${i}`));
    expect(found([...gone, ...many]).map(named)).toEqual(['info peer-gone 10.0.0.1 3']);
  });

  it('is gone although its silences were alike: other connections had gone on after as long', () => {
    const [silent, survived] = [10 * SECOND, 10 * SECOND];
    const before = (flow: Flow): Flow => ({
      ...flow,
      segments: [
        ...flow.segments!.slice(0, 3),
        segment(1 * SECOND, { meaning: 'before a long silence' }),
        segment(1 * SECOND + survived, { meaning: 'after a long silence' }),
        ...flow.segments!.slice(3),
      ],
    });
    const flows = goneFlows(4, { at: 25 * SECOND, silent }).map(before);
    expect(found(flows).map(named)).toEqual(['warning peer-gone 10.0.0.2 4']);
  });

  it('is gone although its silences were alike, where new connections are not answered', () => {
    const flows = [
      ...goneFlows(4, { at: 8 * SECOND, silent: 7 * SECOND }),
      later({ ...UNANSWERED, first: NOON + 12 * SECOND }),
    ];
    expect(found(flows).map(named)).toEqual(['warning peer-gone 10.0.0.2 4']);
  });

  it('is a middlebox where the silences are alike, and nothing speaks for the host', () => {
    const flows = goneFlows(4, { at: 25 * SECOND, silent: 10 * SECOND });
    expect(found(flows).map(named)).toEqual(['warning idle-middlebox 10.0.0.1 -> 10.0.0.2:80 4']);
  });

  it('is gone where the silences are in the capture and are not alike', () => {
    const flows = [5, 9, 16, 30].map((s) => goneFlow({ at: 40 * SECOND, silent: s * SECOND }));
    expect(found(flows).map(named)).toEqual(['warning peer-gone 10.0.0.2 4']);
  });

  it('of connections older than the capture', () => {
    const midway = { opened: Number.NaN, role_evidence: 'lower-port' };
    const [finding] = found(goneFlows(3, { columns: midway }));
    expect(named(finding!)).toBe('warning peer-gone 10.0.0.2 3');
    expect(numbersOf(finding)).toMatchObject({ older_than_the_capture: 3 });
  });

  it('of which nothing was captured, by a capture of both directions', () => {
    const unheard = { opened: Number.NaN, role_evidence: 'lower-port', server_segments: 0, server_bytes: 0 };
    const flows = goneFlows(3, { columns: unheard });
    expect(found(flows, { directions: 2 })[0]).toMatchObject({ code: 'peer-gone', confidence: 'possible' });
    expect(found(flows, { directions: 1 })).toEqual([]);
    expect(found(flows, {})).toEqual([]);
  });

  it('may be a path that drops large segments', () => {
    const [finding] = found(goneFlows(3, { len: 1448 }));
    expect(finding?.cause).toContain('path MTU discovery');
  });

  it.each([
    ['two connections', goneFlows(2)],
    ['data that the end of the capture cut off', goneFlows(9, { tried: 2 * SECOND })],
    [
      'data that was sent again after the peer had reset',
      goneFlows(9, { columns: { close_kind: 'reset', reset_by: 'server' } }),
    ],
    [
      'handshakes that were never complete at the server: backlog-overflow',
      goneFlows(9, { columns: { server_segments: 1, server_bytes: 0 } }),
    ],
    ['closed connections', goneFlows(9, { columns: { close_kind: 'fin' } })],
    ['two keep-alives without an answer when the capture ends', goneFlows(9, { probes: 2 })],
  ])('is not told by %s', (_, flows) => {
    expect(found(flows)).toEqual([]);
  });

  it('is not told by a capture of data alone', () => {
    expect(found(goneFlows(9), { filtered: 1 })).toEqual([]);
  });
});
