import { describe, expect, it } from 'vitest';
import { type Flow, NOON } from '../../../../record/batches.ts';
import { found, numbersOf, sysctl, times } from '../../found.ts';
import { close, SECOND, segment } from '../../held.ts';

describe('time-wait-refused: SYNs', () => {
  const SYN_AT = 5 * SECOND;

  /** A close, and a SYN of the same ports that the TIME_WAIT answers, with the ACK a moment later. */
  function refused(i: number, newer: Flow['columns'] = {}, ackAfter = 20): Flow[] {
    const at = i * 100_000;
    const port = 40_000 + i;
    const old = close(
      'server',
      at,
      { client_port: port, last: SYN_AT + 40, reset_kind: 'time-wait-assassination' },
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
    expect(found('time-wait-refused', several(5, never))[0]?.title).toContain('does not arrive');
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
  /** The client closed, and answers the FIN by RST after this time. */
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

  it('are a finding about the host that held no TIME_WAIT for them', () => {
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

describe('time-wait-refused: SYNs that never get through', () => {
  /** SYNs that the ACK of an old connection answers each time, which is not in the capture. */
  function stuck(firstUs: number, columns: Flow['columns'] = {}, acks = [400, 400]): Flow {
    return {
      columns: {
        first: NOON + firstUs,
        last: 3 * SECOND,
        observed: 9 * SECOND,
        client_state: 'SYN_SENT',
        server_isn: Number.NaN,
        server_segments: 2,
        client_segments: 4,
        ...columns,
      },
      segments: acks.map((ack, i) => ({
        ...segment(i * SECOND + 100, { endpoint: 'server', flags: 0x10, meaning: 'challenge ACK' }),
        ack,
      })),
    };
  }

  it('are those whose RST does not arrive', () => {
    const [finding, ...more] = found(
      'time-wait-refused',
      times(5, 1000, (us) => stuck(us, { client_rsts: 2 })),
    );
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      severity: 'warning',
      subject: '10.0.0.2:80',
      count: 5,
      confidence: 'likely',
    });
    expect(finding?.title).toContain('does not arrive');
    expect(numbersOf(finding)).toMatchObject({ never_opened: 5, RST_of_the_client_captured: 5 });
  });

  it.each([
    ['four of them', times(4, 1000, (us) => stuck(us))],
    ['connections that opened', times(6, 1000, (us) => stuck(us, { opened: SECOND }))],
    ['one ACK each', times(6, 1000, (us) => stuck(us, {}, [400]))],
    ['ACKs that differ', times(6, 1000, (us) => stuck(us, {}, [400, 500]))],
  ])('are not found with %s', (_, flows) => {
    expect(found('time-wait-refused', flows)).toEqual([]);
  });
});
