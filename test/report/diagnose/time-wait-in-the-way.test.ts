import { describe, expect, it } from 'vitest';
import { type Flow, type FlowSegment, NOON } from '../../record/batches.ts';
import { found, numbersOf, sysctl, times } from './found.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;

const segment = (at: number, part: Pick<FlowSegment, 'endpoint' | 'flags' | 'meaning'>): FlowSegment => ({
  at,
  frame: 1,
  seq: 1,
  ack: 1,
  len: 0,
  ...part,
});
type End = 'client' | 'server';

/** A connection of a second that one end closed first, and whose TIME_WAIT that end holds. */
function close(holder: End, firstUs: number, columns: Flow['columns'] = {}, parts: Partial<Flow> = {}): Flow {
  return {
    columns: {
      first: NOON + firstUs,
      opened: 100,
      last: SECOND + 100,
      observed: 10 * SECOND,
      close_kind: 'fin',
      closed_first: holder,
      close_started: SECOND,
      close_ended: SECOND + 100,
      client_fins: 1,
      server_fins: 1,
      [`${holder}_time_wait_at_least`]: 9 * SECOND,
      [`${holder}_time_wait_expected`]: MINUTE,
      [`${holder}_time_wait_ended_by`]: 'capture-end',
      [`${holder}_time_wait_evidence`]: 'none',
      ...columns,
    },
    [`${holder}Life`]: { FIN_WAIT_1: [SECOND, 8, 'sent'], TIME_WAIT: [SECOND + 100, 10, 'acked'] },
    segments: [segment(SECOND, { endpoint: holder, flags: 0x11, meaning: 'FIN' })],
    ...parts,
  };
}

describe('time-wait-reuse', () => {
  const reused = (holder: End, us: number) =>
    close(holder, us, {
      [`${holder}_time_wait_at_most`]: 2 * SECOND + us / 10,
      [`${holder}_time_wait_ended_by`]: 'reopened',
      [`${holder}_time_wait_evidence`]: 'isn-65537',
    });

  it('of a client is tcp_tw_reuse, on the pair', () => {
    const [finding, ...others] = found(
      'time-wait-reuse',
      times(5, SECOND, (us) => reused('client', us)),
    );
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      subject: '10.0.0.1 -> 10.0.0.2:80',
      severity: 'info',
      confidence: 'certain',
      count: 5,
    });
    expect(finding?.cause).toContain("which is 2 here (Linux's default;");
    expect(numbersOf(finding).soonest_after_us).toBe(2 * SECOND);
  });

  it('of a server is its rule for SYNs, on the service', () => {
    const [finding] = found(
      'time-wait-reuse',
      times(5, SECOND, (us) => reused('server', us)),
    );
    expect(finding).toMatchObject({ subject: '10.0.0.2:80', severity: 'info' });
    expect(finding?.cause).toContain('RFC 6191');
  });

  it.each([
    ['four', times(4, SECOND, (us) => reused('client', us))],
    [
      'connections that took the place in another way',
      times(5, SECOND, (us) =>
        close('client', us, { client_time_wait_at_most: SECOND, client_time_wait_evidence: 'syn-accepted' }),
      ),
    ],
  ])('is not found with %s', (_, flows) => {
    expect(found('time-wait-reuse', flows)).toEqual([]);
  });
});

describe('time-wait-refused: SYNs', () => {
  const SYN_AT = 5 * SECOND;

  /** A close, and a SYN of the same ports that the TIME_WAIT answers, with the ACK a moment later. */
  function refused(i: number, newer: Flow['columns'] = {}, ackAfter = 20): Flow[] {
    const at = i * 100_000;
    const port = 40_000 + i;
    const old = close(
      'server',
      at,
      { client_port: port, last: SYN_AT + 40, reset_kind: 'time-wait-kill' },
      {
        segments: [
          segment(SECOND, { endpoint: 'server', flags: 0x11, meaning: 'FIN' }),
          segment(SYN_AT + ackAfter, { endpoint: 'server', flags: 0x10, meaning: 'repeated ACK of FIN' }),
          segment(SYN_AT + 40, { endpoint: 'client', flags: 0x04, meaning: 'RST in TIME_WAIT' }),
        ],
      },
    );
    const again = close('server', at + SYN_AT, { client_port: port, opened: SECOND + 60, ...newer });
    return [old, { ...again, segments: [segment(0, { endpoint: 'client', flags: 0x02, meaning: 'SYN' })] }];
  }
  const several = (n: number, newer?: Flow['columns'], ackAfter?: number) =>
    Array.from({ length: n }, (_, i) => refused(i, newer, ackAfter)).flat();
  const others = (n: number) => times(n, 1000, (us) => close('server', us, { client_port: 50_000 }));

  it('are those that the old ACK answers, and cost the user a delay', () => {
    const [finding, ...more] = found('time-wait-refused', several(5));
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      subject: '10.0.0.2:80',
      severity: 'warning',
      confidence: 'certain',
      count: 5,
    });
    expect(numbersOf(finding)).toMatchObject({
      of_connections_percent: 50,
      average_delay_us: SECOND + 60,
    });
  });

  it('may lead nowhere, where a firewall drops the ACK or the RST', () => {
    const never = { opened: Number.NaN, last: 7 * SECOND, close_kind: 'unanswered' };
    const numbers = numbersOf(found('time-wait-refused', several(5, never))[0]);
    expect(numbers).toMatchObject({ refused: 5, never_opened: 5 });
    expect(numbers).not.toHaveProperty('average_delay_us');
  });

  it.each([
    ['four of them', several(4)],
    ['five of a thousand connections', [...several(5), ...others(990)]],
    ['an ACK repeated before the SYN, for a FIN that came again', several(5, {}, -1000)],
    ['an ACK repeated long after the new connection was open', several(5, {}, 2 * SECOND)],
  ])('are not found with %s', (_, flows) => {
    expect(found('time-wait-refused', flows)).toEqual([]);
  });
});

describe('time-wait-refused: FINs', () => {
  /** The client closed, and answers the FIN after so long by RST. */
  function noTimeWait(firstUs: number, after = 10_000): Flow {
    const end = SECOND + after;
    return close(
      'client',
      firstUs,
      {},
      {
        columns: {
          first: NOON + firstUs,
          close_kind: 'fin-reset',
          closed_first: 'client',
          close_started: SECOND,
          close_ended: end,
          last: end,
          observed: 10 * SECOND,
          reset_by: 'client',
          reset_kind: 'late-segment',
          client_fins: 1,
          server_fins: 1,
        },
        clientLife: { FIN_WAIT_1: [SECOND, 8, 'sent'], FIN_WAIT_2: [SECOND, 9, 'acked'] },
        segments: [
          segment(SECOND, { endpoint: 'client', flags: 0x11, meaning: 'FIN' }),
          segment(end, { endpoint: 'client', flags: 0x04, meaning: 'RST' }),
        ],
      },
    );
  }
  const refused = (n: number, after?: number) => times(n, 1000, (us) => noTimeWait(us, after));
  const kept = (n: number) => times(n, 1000, (us) => close('client', us));

  it('are told of the host that held no TIME_WAIT for them', () => {
    const [finding, ...more] = found('time-wait-refused', [...kept(20), ...refused(5)]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      subject: '10.0.0.1',
      severity: 'warning',
      confidence: 'likely',
      count: 5,
    });
    expect(numbersOf(finding)).toMatchObject({ of_closes_percent: 20, time_waits_at_once: 20 });
  });

  it('are certain where as many stood as its tcp_max_tw_buckets allows', () => {
    const flows = [...kept(20), ...refused(5)];
    expect(found('time-wait-refused', flows, sysctl('tcp_max_tw_buckets = 20'))[0]?.confidence).toBe(
      'certain',
    );
    expect(found('time-wait-refused', flows, sysctl('tcp_max_tw_buckets = 99'))[0]?.confidence).toBe(
      'likely',
    );
  });

  it('are no more than possible where the host never held one', () => {
    expect(found('time-wait-refused', refused(5))[0]?.confidence).toBe('possible');
  });

  it.each([
    ['four of them', refused(4)],
    ['five of a thousand closes', [...refused(5), ...kept(990)]],
    ['those that an orphan may have been too old for', refused(5, 2 * SECOND)],
  ])('are not found with %s', (_, flows) => {
    expect(found('time-wait-refused', flows)).toEqual([]);
  });
});

describe('tw-recycle-nat', () => {
  const NEW = 9_000_000;
  const OLD = 5_000_000;

  interface Syn {
    at: number;
    tsval: number;
    answered: boolean;
    client?: string;
  }
  const syn = ({ at, tsval, answered, client }: Syn): Flow => ({
    ...(client !== undefined && { client }),
    columns: {
      first: NOON + at,
      client_syn_tsval: tsval,
      client_segments: answered ? 6 : 4,
      opened: answered ? 100 : Number.NaN,
      close_kind: answered ? 'fin' : 'unanswered',
      last: answered ? SECOND : 7 * SECOND,
    },
    segments: [segment(0, { endpoint: 'client', flags: 0x02, meaning: 'SYN' })],
  });
  /** Two hosts of an address take turns; `answered` decides for each. */
  const turns = (
    n: number,
    answered: (host: 'newer' | 'older', i: number) => boolean,
    step = SECOND,
  ): Flow[] =>
    Array.from({ length: n }, (_, i) => [
      syn({ at: i * step, tsval: NEW + i, answered: answered('newer', i) }),
      syn({ at: i * step + step / 2, tsval: OLD + i, answered: answered('older', i) }),
    ]).flat();

  it('is found where whether a SYN is answered goes by its timestamp', () => {
    const [finding, ...more] = found(
      'tw-recycle-nat',
      turns(6, (host) => host === 'newer'),
    );
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ subject: '10.0.0.1 -> 10.0.0.2:80', severity: 'critical', count: 6 });
    expect(numbersOf(finding)).toMatchObject({
      unanswered_with_older_timestamp: 6,
      answered_with_older_timestamp: 0,
      answered_with_newer_timestamp: 6,
      unanswered_with_newer_timestamp: 0,
    });
    expect(finding?.notToDo.join(' ')).toContain('Never turn tcp_tw_recycle on');
  });

  it('counts those that were answered only after they were sent again', () => {
    const flows = turns(6, () => true).map(
      (flow, i): Flow => (i % 2 === 0 ? flow : { ...flow, columns: { ...flow.columns, opened: 3 * SECOND } }),
    );
    expect(found('tw-recycle-nat', flows)).toMatchObject([{ count: 6 }]);
  });

  it('takes timestamps as 32 bits that wrap', () => {
    const flows = turns(6, (host) => host === 'newer').map(
      (flow): Flow => ({
        ...flow,
        columns: {
          ...flow.columns,
          // Half of all numbers and more apart: by serial arithmetic the smaller is the newer.
          client_syn_tsval: flow.columns?.opened === 100 ? 4_294_967_000 : 1000,
        },
      }),
    );
    expect(found('tw-recycle-nat', flows)).toEqual([]);
  });

  it.each([
    ['all are answered', turns(10, () => true)],
    ['none is answered', turns(10, () => false)],
    ['chance decides', turns(10, (_, i) => i % 2 === 0)],
    ['those with the newer timestamp stay unanswered', turns(10, (host) => host === 'older')],
    ['there are four', turns(4, (host) => host === 'newer')],
    ['the newer one was more than a minute ago', turns(6, (host) => host === 'newer', 130 * SECOND)],
    [
      'the two have addresses of their own',
      turns(6, (host) => host === 'newer').map(
        (flow, i): Flow => (i % 2 === 0 ? flow : { ...flow, client: '10.0.0.9' }),
      ),
    ],
  ])('is not found where %s', (_, flows) => {
    expect(found('tw-recycle-nat', flows)).toEqual([]);
  });
});

describe('server-holds-time-wait', () => {
  const closes = (n: number, everyUs: number, lived = 10_000, holder: End = 'server') =>
    times(n, everyUs, (us) =>
      close(holder, us, {
        close_started: lived,
        client_port: 40_000 + us / everyUs,
        observed: n * everyUs - us + 2 * SECOND,
        [`${holder}_time_wait_at_least`]: n * everyUs - us,
      }),
    );
  const refusal = (at: number): Flow => ({
    columns: { first: NOON + at, client_port: 20_000, close_kind: 'refused', closed_first: 'server' },
    segments: [],
  });

  it('is information: they take no ports', () => {
    const [finding, ...more] = found('server-holds-time-wait', closes(100, SECOND / 2));
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ subject: '10.0.0.2:80', severity: 'info', count: 100 });
    expect(finding?.remedies[0]).toContain('SO_REUSEADDR');
  });

  it('is a warning where brief connections make them stand by the thousand', () => {
    const [finding] = found('server-holds-time-wait', closes(200, SECOND / 50));
    expect(finding).toMatchObject({ severity: 'warning' });
    expect(numbersOf(finding).standing_number).toBeGreaterThan(1900);
  });

  it('is information where the server closes what was idle, however often', () => {
    const [finding] = found('server-holds-time-wait', closes(200, SECOND / 50, 5 * SECOND));
    expect(finding).toMatchObject({ severity: 'info' });
  });

  it("is a warning where they are more than the host's tcp_max_tw_buckets", () => {
    const flows = closes(200, SECOND / 2);
    expect(found('server-holds-time-wait', flows, sysctl('tcp_max_tw_buckets = 100'))).toMatchObject([
      { severity: 'warning', cause: expect.stringContaining('tcp_max_tw_buckets (100)') },
    ]);
    expect(found('server-holds-time-wait', flows, sysctl('tcp_max_tw_buckets = 1000'))).toMatchObject([
      { severity: 'info' },
    ]);
  });

  it('is a warning where SYNs are refused in a row while some stand: a restart?', () => {
    const flows = [...closes(10, SECOND), ...times(5, SECOND, (us) => refusal(us + 12 * SECOND))];
    const [finding] = found('server-holds-time-wait', flows);
    expect(finding).toMatchObject({ severity: 'warning', confidence: 'possible', count: 10 });
    expect(finding?.title).toContain('5 SYNs refused');
  });

  it.each([
    ['SYNs that are refused long after the last TIME_WAIT', 200 * SECOND, SECOND],
    ['SYNs that are refused between others that are not', 500_000, SECOND],
  ])('does not speak of a restart for %s', (_, from, every) => {
    const flows = [...closes(10, SECOND), ...times(5, every, (us) => refusal(us + from))];
    expect(found('server-holds-time-wait', flows)).toEqual([]);
  });

  it.each([
    ['few', closes(99, SECOND)],
    ['less than half of the closes', [...closes(100, SECOND), ...closes(101, SECOND, 10_000, 'client')]],
  ])('is not found where they are %s', (_, flows) => {
    expect(found('server-holds-time-wait', flows)).toEqual([]);
  });
});
