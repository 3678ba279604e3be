import { describe, expect, it } from 'vitest';
import { type Flow, type FlowSegment, NOON } from '../../record/batches.ts';
import { found, numbersOf, times } from './found.ts';

const SECOND = 1_000_000;

interface Close {
  client?: string;
  columns?: Record<string, number | string>;
  /** The client's TIME_WAIT answered the server's FIN again, so often. */
  rearmed?: number;
}

const fin: FlowSegment = {
  at: SECOND,
  frame: 8,
  endpoint: 'client',
  flags: 0x11,
  seq: 1,
  ack: 1,
  len: 0,
  meaning: 'FIN',
};

/** The client closes after a second, the server at once. */
function close(firstUs: number, { client, columns, rearmed }: Close = {}): Flow {
  return {
    ...(client !== undefined && { client }),
    columns: {
      first: NOON + firstUs,
      last: SECOND + 1000,
      observed: 10 * SECOND,
      close_kind: 'fin',
      closed_first: 'client',
      close_started: SECOND,
      close_ended: SECOND + 1000,
      client_state: 'TIME_WAIT',
      server_state: 'CLOSED',
      client_fins: 1,
      server_fins: rearmed === undefined ? 1 : 1 + rearmed,
      client_segments: 6,
      server_segments: 5,
      client_time_wait_rearmed: rearmed ?? 0,
      client_time_wait_ended_by: 'capture-end',
      ...columns,
    },
    clientLife: { FIN_WAIT_1: [SECOND, 8, 'sent'], TIME_WAIT: [SECOND + 1000, 10, 'acked'] },
    serverLife: { CLOSE_WAIT: [SECOND, 8, 'acked'], LAST_ACK: [SECOND + 500, 9, 'sent'] },
    segments: [fin],
  };
}

const closes = (n: number, one: Close = {}) => times(n, SECOND, (us) => close(us, one));
const AGAIN: Close = { columns: { client_fins: 3, client_retransmissions: 2 } };
const NEVER: Close = {
  columns: { client_fins: 6, close_kind: 'half', client_state: 'FIN_WAIT_1', server_state: 'ESTABLISHED' },
};

describe('fin-retransmitted', () => {
  it('counts the closes of a client with a service, and how often FINs came again', () => {
    const [finding, ...others] = found('fin-retransmitted', [...closes(6, AGAIN), ...closes(10)]);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      subject: '10.0.0.1 -> 10.0.0.2:80',
      severity: 'warning',
      confidence: 'certain',
      count: 6,
    });
    expect(numbersOf(finding)).toMatchObject({ closes: 6, of: 16, share_percent: 37.5, fins_sent_again: 12 });
    expect(finding?.cause).toContain('No other segment');
  });

  it('tells loss of everything from loss at the close alone', () => {
    const flows = closes(6, { columns: { client_fins: 2, client_retransmissions: 5 } });
    const [finding] = found('fin-retransmitted', flows);
    expect(numbersOf(finding)).toMatchObject({ other_segments_sent_again: 24 });
    expect(finding?.cause).toContain('it is the path');
  });

  it('is information where the peers are gone: FINs that nobody acknowledged', () => {
    const [finding] = found('fin-retransmitted', closes(6, NEVER));
    expect(finding).toMatchObject({ severity: 'info', title: expect.stringContaining('the peer is gone') });
    expect(numbersOf(finding)).toMatchObject({ never_acknowledged: 6 });
    expect(numbersOf(finding)).not.toHaveProperty('close_took_average_us');
  });

  it('is of the service where no client has half of them', () => {
    const flows = times(12, SECOND, (us, i) => close(us, { ...AGAIN, client: `10.0.1.${i % 6}` }));
    expect(found('fin-retransmitted', flows).map(({ subject, count }) => [subject, count])).toEqual([
      ['10.0.0.2:80', 12],
    ]);
  });

  it('is of the client that has most of them, with what that client closed as the whole', () => {
    const others = times(20, SECOND, (us, i) => close(us, { client: `10.0.1.${i}` }));
    const few = times(2, SECOND, (us, i) => close(us, { ...AGAIN, client: `10.0.1.${i}` }));
    const [finding, ...more] = found('fin-retransmitted', [...closes(8, AGAIN), ...others, ...few]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ subject: '10.0.0.1 -> 10.0.0.2:80', count: 8 });
    expect(numbersOf(finding)).toMatchObject({ of: 8, share_percent: 100 });
  });

  it.each([
    ['four', closes(4, AGAIN)],
    ['five of a hundred and one', [...closes(5, AGAIN), ...closes(96)]],
    [
      'FINs that crossed, and that BSD repeats in its acknowledgment',
      closes(6, { columns: { ...AGAIN.columns, closed_first: 'both' } }),
    ],
    [
      'one direction alone, without any ACK',
      closes(6, { columns: { ...NEVER.columns, server_segments: 0 } }),
    ],
    ['FINs that were acknowledged: last-ack-lost', closes(6, { rearmed: 1 })],
  ])('is not found with %s', (_, flows) => {
    expect(found('fin-retransmitted', flows)).toEqual([]);
  });

  it('counts by other thresholds, where these are given', () => {
    const thresholds = { 'close-trouble-count': 2, 'close-loss-share': 50 };
    expect(found('fin-retransmitted', closes(2, AGAIN), { thresholds })).toHaveLength(1);
    expect(found('fin-retransmitted', [...closes(2, AGAIN), ...closes(3)], { thresholds })).toEqual([]);
  });
});

describe('last-ack-lost', () => {
  it('is proven by a FIN that came again after its acknowledgment', () => {
    const [finding, ...others] = found('last-ack-lost', [...closes(6, { rearmed: 1 }), ...closes(6)]);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      subject: '10.0.0.1 -> 10.0.0.2:80',
      severity: 'warning',
      confidence: 'certain',
      count: 6,
    });
    expect(numbersOf(finding)).toMatchObject({ closes: 6, of: 12, share_percent: 50, fins_sent_again: 6 });
    expect(finding?.cause).toContain("The server's FIN");
  });

  it('tells a firewall that drops every one from loss', () => {
    const [finding] = found('last-ack-lost', closes(6, { rearmed: 4 }));
    expect(finding?.title).toContain('dropped');
    expect(finding?.cause).toContain('firewall');
  });

  it.each([
    ['four', closes(4, { rearmed: 1 })],
    ['five of a hundred and one', [...closes(5, { rearmed: 1 }), ...closes(96)]],
    ['FINs that crossed', closes(6, { rearmed: 1, columns: { closed_first: 'both' } })],
    [
      'a TIME_WAIT that began anew by something else than a FIN',
      closes(6, { columns: { client_time_wait_rearmed: 1 } }),
    ],
  ])('is not found with %s', (_, flows) => {
    expect(found('last-ack-lost', flows)).toEqual([]);
  });
});

describe('simultaneous-close', () => {
  const both: Close = {
    columns: {
      closed_first: 'both',
      client_fin: SECOND,
      server_fin: SECOND + 300,
      server_state: 'TIME_WAIT',
    },
  };

  it('is information on a service', () => {
    const [finding, ...others] = found('simultaneous-close', [...closes(5, both), ...closes(100)]);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ subject: '10.0.0.2:80', severity: 'info', count: 5 });
    expect(numbersOf(finding).fins_apart_us).toBe(300);
  });

  it('is not found where it happens now and then', () => {
    expect(found('simultaneous-close', closes(4, both))).toEqual([]);
  });
});
