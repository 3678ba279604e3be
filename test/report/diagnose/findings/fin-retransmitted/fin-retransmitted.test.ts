import { describe, expect, it } from 'vitest';
import { type Close, close, closes, SECOND } from '../../closes.ts';
import { found, numbersOf, times } from '../../found.ts';

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
