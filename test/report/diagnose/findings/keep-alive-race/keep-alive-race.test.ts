import { describe, expect, it } from 'vitest';
import { type Flow, type FlowSegment, NOON } from '../../../../record/batches.ts';
import { found, named, numbersOf, times } from '../../found.ts';
import { close, SECOND } from '../../held.ts';

const IDLE = 2 * SECOND;
/** When the server sends its FIN, after the handshake of 10 ms and an exchange. */
const FIN_AT = IDLE + 30_000;

/** What is special about a race. */
interface Race {
  gap?: number;
  meaning?: FlowSegment['meaning'];
  len?: number;
  columns?: Record<string, number | string>;
  more?: readonly FlowSegment[];
}

/** The server closes after two seconds, and a request of 200 bytes crosses its FIN 5 ms before or after. */
function race(
  firstUs: number,
  { gap = 5_000, meaning = 'data crossing FIN', len = 200, columns, more }: Race = {},
): Flow {
  const part = { frame: 7, flags: 0x18, seq: 101, ack: 401, len: 0 };
  return {
    columns: {
      first: NOON + firstUs,
      opened: 10_000,
      last: FIN_AT + gap + 20_000,
      observed: 60 * SECOND,
      close_kind: 'fin-reset',
      closed_first: 'server',
      close_started: FIN_AT,
      close_ended: FIN_AT + gap + 10_000,
      server_fin: FIN_AT,
      reset_by: 'server',
      reset_kind: 'data-after-close',
      reset_evidence: 'data-crossed-fin',
      idle_before_close: IDLE,
      late_data: gap,
      late_data_is_alert: 0,
      client_bytes: 300,
      server_bytes: 400,
      server_fins: 1,
      ...columns,
    },
    segments: [
      { ...part, at: FIN_AT, endpoint: 'server', flags: 0x11, seq: 401, ack: 101, meaning: 'FIN' },
      { ...part, at: FIN_AT + gap, endpoint: 'client', len, meaning },
      {
        ...part,
        at: FIN_AT + gap + 10_000,
        endpoint: 'server',
        flags: 0x04,
        seq: 401,
        ack: 0,
        meaning: 'RST',
      },
      ...(more ?? []),
    ],
  };
}

const races = (n: number, one?: Race) => times(n, SECOND, (us, i) => race(us, { gap: 5_000 + i, ...one }));
const fine = (n: number) => times(n, 1000, (us) => close('client', us, { client_port: 50_000 }));
const find = (...flows: Flow[][]) => found('keep-alive-race', flows.flat());

describe('keep-alive-race', () => {
  it('is a warning from five requests on, whatever their share', () => {
    const findings = find(races(5), fine(2000));
    expect(findings.map(named)).toEqual(['warning keep-alive-race 10.0.0.2:80 5']);
    expect(findings[0]?.confidence).toBe('certain');
    expect(numbersOf(findings[0])).toMatchObject({
      lost_requests: 5,
      crossed_the_close: 5,
      shortest_idle_us: IDLE,
      longest_idle_us: IDLE,
      earliest_request_after_the_FIN_us: 5_000,
      latest_request_after_the_FIN_us: 5_004,
      answered_by_RST: 5,
    });
  });

  it('is information below', () => {
    expect(find(races(4)).map(named)).toEqual(['info keep-alive-race 10.0.0.2:80 4']);
  });

  it('gives the timer of the server, where the idle times are alike', () => {
    const [timer] = find(
      times(6, SECOND, (us, i) => race(us, { columns: { idle_before_close: 1_998_000 + i * 2_000 } })),
    );
    expect(timer?.title).toContain('1.998-2.008 s');
    expect(timer?.cause).toMatch(/n = 6.*a timer/);
    const [none] = find(
      times(6, SECOND, (us, i) => race(us, { columns: { idle_before_close: (i + 1) * SECOND } })),
    );
    expect(none?.cause).toContain('not alike');
  });

  it('tells a stale pool from requests that cross the FIN', () => {
    const stale = {
      gap: 3 * SECOND,
      meaning: 'data after FIN',
      columns: { reset_evidence: 'data-after-fin' },
    } as const;
    const [finding] = find(races(5, stale));
    expect(finding?.cause).toContain('stale');
    expect(numbersOf(finding)).toMatchObject({ sent_after_the_close: 5 });
    expect(find(races(5))[0]?.cause).not.toContain('stale');
  });

  it.each([
    ['the first ACK of the FIN', { meaning: 'ACK of FIN' }],
    ['captured before the FIN, near the client', { gap: -4_000 }],
    [
      'a request that the client closes behind',
      { meaning: 'ACK of FIN', len: 28, columns: { client_fin: FIN_AT + 5_050 } },
    ],
  ] as const)('counts %s', (_, one) => {
    expect(find(races(5, one))).toHaveLength(1);
  });

  it('says less where the answer was not captured', () => {
    const unanswered = { close_kind: 'half', reset_by: Number.NaN, reset_kind: Number.NaN };
    const silent = (us: number): Flow => {
      const flow = race(us, { columns: unanswered });
      return { ...flow, segments: flow.segments!.slice(0, 2) };
    };
    const findings = find(times(6, SECOND, silent));
    expect(findings.map(named)).toEqual(['warning keep-alive-race 10.0.0.2:80 6']);
    expect(findings[0]?.confidence).toBe('possible');
    expect(find(races(6, { columns: { server_missed: 1 } }))[0]?.confidence).toBe('likely');
  });

  it('knows a server that closes by RST from what that acknowledges', () => {
    const byRst = {
      close_kind: 'reset',
      reset_kind: 'unread-data-or-linger',
      server_fin: Number.NaN,
      late_data: Number.NaN,
    };
    const reset =
      (ack: number) =>
      (us: number): Flow => {
        const rst: FlowSegment = {
          at: FIN_AT,
          frame: 9,
          endpoint: 'server',
          flags: 0x14,
          seq: 401,
          ack,
          len: 0,
          meaning: 'RST',
        };
        return { ...race(us, { columns: byRst }), segments: [rst] };
      };
    expect(find(times(5, SECOND, reset(101)))).toHaveLength(1);
    expect(find(times(5, SECOND, reset(301)))).toEqual([]);
  });
});

describe('no keep-alive-race', () => {
  it.each([
    ['a close right behind the answer', { columns: { idle_before_close: 300 } }],
    ['a close within 100 ms', { columns: { idle_before_close: 99_000 } }],
    ['a close within ten round trips', { columns: { idle_before_close: SECOND, opened: 110_000 } }],
    ['the client closed first', { columns: { closed_first: 'client' } }],
    ['a TLS alert', { len: 31, columns: { late_data_is_alert: 1 } }],
    [
      'a few bytes right before the FIN of the client, whose first was not captured',
      {
        meaning: 'data after FIN',
        len: 53,
        columns: { late_data_is_alert: Number.NaN, client_fin: FIN_AT + 5_200 },
      },
    ],
    ['QUIT', { meaning: 'data after FIN', len: 6, columns: { client_fin: FIN_AT + 5_200 } }],
    ['somebody between the ends', { columns: { reset_kind: 'injected' } }],
  ] as const)('%s', (_, one) => {
    expect(find(times(8, SECOND, (us) => race(us, one)))).toEqual([]);
  });

  it('data that the server acknowledged: it had closed its own direction only', () => {
    const ack: FlowSegment = {
      at: FIN_AT + 60_000,
      frame: 9,
      endpoint: 'server',
      flags: 0x10,
      seq: 402,
      ack: 301,
      len: 0,
      meaning: 'ACK of FIN',
    };
    const columns = { close_kind: 'half', reset_by: Number.NaN, reset_kind: Number.NaN };
    expect(find(times(8, SECOND, (us) => race(us, { columns, more: [ack] })))).toEqual([]);
  });
});
