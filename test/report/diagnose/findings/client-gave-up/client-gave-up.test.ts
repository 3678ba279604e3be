import { describe, expect, it } from 'vitest';
import { type Flow, type FlowSegment, NOON } from '../../../../record/batches.ts';
import { found, named, numbersOf, times } from '../../found.ts';
import { close, SECOND } from '../../held.ts';

/** What is special about a client that gives up. */
interface Vain {
  wait?: number;
  /** What its FIN or RST acknowledges: 1 is nothing. */
  ack?: number;
  by?: 'FIN' | 'RST';
  columns?: Record<string, number | string>;
  more?: readonly FlowSegment[];
}

/** A request, no answer, and after a second the client closes; the server follows. */
function vain(firstUs: number, { wait = SECOND, ack = 1, by = 'FIN', columns, more }: Vain = {}): Flow {
  const at = 1_000 + wait;
  const byRst = {
    close_kind: 'reset',
    reset_by: 'client',
    reset_kind: 'unread-data-or-linger',
    server_fin: Number.NaN,
  };
  return {
    columns: {
      first: NOON + firstUs,
      opened: 300,
      last: at + 1_000,
      observed: 60 * SECOND,
      close_kind: 'fin',
      closed_first: 'client',
      close_started: at,
      client_fin: by === 'FIN' ? at : Number.NaN,
      server_fin: at + 500,
      client_bytes: 120,
      server_bytes: 0,
      idle_before_close: wait,
      client_state: 'TIME_WAIT',
      server_state: 'CLOSED',
      ...(by === 'RST' && byRst),
      ...columns,
    },
    segments: [
      {
        at,
        frame: 6,
        endpoint: 'client',
        flags: by === 'FIN' ? 0x11 : 0x14,
        seq: 121,
        ack,
        len: 0,
        meaning: by,
      },
      ...(more ?? []),
    ],
  };
}

const vains = (n: number, one?: Vain) => times(n, SECOND, (us) => vain(us, one));
const fine = (n: number) =>
  times(n, 1000, (us) => close('client', us, { client_port: 50_000, client_bytes: 9, server_bytes: 9 }));
const find = (...flows: Flow[][]) => found('client-gave-up', flows.flat());
const names = (...flows: Flow[][]) => find(...flows).map(named);

describe('client-gave-up', () => {
  it.each(['FIN', 'RST'] as const)('by %s', (by) => {
    const findings = find(vains(6, { by }), fine(20));
    expect(findings.map(named)).toEqual(['warning client-gave-up 10.0.0.2:80 6']);
    expect(findings[0]?.title).toContain('after waiting 1.000 s');
    expect(findings[0]?.cause).toContain(`closed by ${by}`);
    expect(numbersOf(findings[0])).toMatchObject({ gave_up: 6, of: 26, median_wait_us: SECOND });
  });

  it.each<[string, ...Flow[][]]>([
    ['fewer than five', vains(4), fine(20)],
    ['fewer than one in a hundred', vains(6), fine(700)],
    [
      'a service that answers nobody, after times that differ',
      times(6, SECOND, (us, i) => vain(us, { wait: (i + 1) * SECOND })),
    ],
    [
      'sockets that the server holds: close-wait-leak warns of them',
      vains(6, { columns: { server_state: 'CLOSE_WAIT' } }),
      fine(9),
    ],
    ['a server that works on for seconds', vains(6, { columns: { server_fin: 5 * SECOND } }), fine(9)],
  ])('is information with %s', (_, ...flows) => {
    expect(find(...flows).map(({ severity }) => severity)).toEqual(['info']);
  });

  it('is not found where what comes after the FIN follows an answer that came: the server sends of itself', () => {
    const push: FlowSegment = {
      at: 2_001_000,
      frame: 8,
      endpoint: 'server',
      flags: 0x18,
      seq: 401,
      ack: 122,
      len: 160,
      meaning: 'data after FIN',
    };
    const columns = { server_bytes: 560, late_data: SECOND, close_kind: 'fin-reset', reset_by: 'client' };
    const flows = times(9, SECOND, (us) => vain(us, { ack: 401, columns, more: [push] }));
    expect(found('client-gave-up', flows)).toEqual([]);
  });

  it('is certain where each answer came after the FIN', () => {
    const answer: FlowSegment = {
      at: 2_001_000,
      frame: 8,
      endpoint: 'server',
      flags: 0x18,
      seq: 401,
      ack: 122,
      len: 400,
      meaning: 'data after FIN',
    };
    const late = {
      ack: 1,
      columns: {
        server_bytes: 400,
        late_data: SECOND,
        late_data_is_alert: 0,
        close_kind: 'fin-reset',
        reset_by: 'client',
        reset_kind: 'data-after-close',
      },
      more: [answer],
    };
    expect(find(vains(6, late), fine(20))[0]).toMatchObject({ severity: 'warning', confidence: 'certain' });
  });
});

/** One that had got answers on the same connection, asks again a second later, and gets none. */
const again = (columns?: Record<string, number | string>): Vain => ({
  ack: 401,
  columns: {
    server_bytes: 400,
    exchanges: 3,
    last_data_by: 'client',
    last_data_after: SECOND,
    last_data_length: 40,
    ...columns,
  },
});
const answeredLast = (n: number) =>
  times(n, 1000, (us) => close('client', us, { client_bytes: 9, server_bytes: 9, last_data_by: 'server' }));

describe('on a connection in use', () => {
  it.each<[string, Flow[]]>([
    ['that had got three answers', vains(6, again())],
    [
      'at once after the answer before, but a whole request',
      vains(6, again({ last_data_after: 900, last_data_length: 64 })),
    ],
    ['of a service that answers on others', [...vains(6, again({ exchanges: 1 })), ...answeredLast(7)]],
    [
      'whose answer came too late',
      vains(6, again({ exchanges: 1, late_data: SECOND, close_kind: 'fin-reset', reset_by: 'client' })).map(
        (flow) => ({
          ...flow,
          segments: [
            ...flow.segments!,
            {
              at: 2_001_000,
              frame: 8,
              endpoint: 'server',
              flags: 0x18,
              seq: 401,
              ack: 122,
              len: 160,
              meaning: 'data after FIN',
            },
          ],
        }),
      ),
    ],
  ])('%s', (_, flows) => {
    const [finding] = found('client-gave-up', flows);
    expect(finding && named(finding)).toBe('warning client-gave-up 10.0.0.2:80 6');
    expect(numbersOf(finding)).toMatchObject({ on_connections_in_use: 6, median_wait_us: SECOND });
  });

  it('counts with those that got no byte at all', () => {
    const findings = find(vains(6), vains(6, again()));
    expect(findings.map(named)).toEqual(['warning client-gave-up 10.0.0.2:80 12']);
  });

  it.each<[string, Flow[]]>([
    [
      'after times that differ',
      times(6, SECOND, (us, i) => vain(us, { ...again(), wait: (i + 1) * SECOND })),
    ],
    ['fewer than five', vains(4, again())],
    ['a short reply to what the server sent', vains(6, again({ last_data_after: 900 }))],
    ['a reply within two round trips', vains(6, again({ last_data_after: 100_500 }))],
    ['a service that only ever answered in a handshake', vains(6, again({ exchanges: 2 }))],
    ['the server had the last word', vains(6, again({ last_data_by: 'server' }))],
    ['who had it is not known', vains(6, again({ last_data_by: Number.NaN, last_data_after: Number.NaN }))],
  ])('is not found: %s', (_, flows) => {
    expect(found('client-gave-up', flows)).toEqual([]);
  });
});

describe('no client gave up', () => {
  it.each([
    ['a pool that closes idle connections', { ack: 401, columns: { server_bytes: 400 } }],
    ['a connection that was never used', { columns: { client_bytes: 0 } }],
    ['a close right behind the request', { wait: 90_000 }],
    ['the server closed first', { columns: { closed_first: 'server' } }],
    ['a peer that is gone: the request was sent four times', { columns: { client_retransmissions: 3 } }],
    ['a connection whose opening was not captured', { columns: { server_isn: Number.NaN } }],
    [
      'a half-close whose answer was taken',
      { columns: { server_bytes: 400, late_data: 500, late_data_is_alert: 0 } },
    ],
    ['an answer that was acknowledged, and not captured', { ack: 401 }],
  ] as const)('%s', (_, one) => {
    expect(names(vains(8, one), fine(20))).toEqual([]);
  });
});
