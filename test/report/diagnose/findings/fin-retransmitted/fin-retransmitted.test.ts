import { describe, expect, it } from 'vitest';
import { type Close, close, closes, SECOND } from '../../closes.ts';
import { found, numbersOf, times } from '../../found.ts';

const LOST = [200_000, 'retransmitted FIN'] as const;
const PROBE = [12_000, 'retransmitted FIN'] as const;
const SPURIOUS = [12_000, 'spurious retransmitted FIN'] as const;
const AGAIN: Close = {
  again: [LOST, [600_000, 'retransmitted FIN']],
  columns: { client_retransmissions: 2 },
};
const NEVER: Close = {
  again: [LOST, LOST, LOST, LOST, LOST],
  columns: { close_kind: 'half', client_state: 'FIN_WAIT_1', server_state: 'ESTABLISHED' },
};

describe('fin-retransmitted', () => {
  it('counts the closes of a client with a service, and how often FINs came again', () => {
    const [finding, ...others] = found('fin-retransmitted', [...closes(6, AGAIN), ...closes(10)]);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      subject: '10.0.0.1 -> 10.0.0.2:80',
      severity: 'warning',
      confidence: 'likely',
      count: 6,
    });
    expect(numbersOf(finding)).toMatchObject({ closes: 6, of: 16, share_percent: 37.5, fins_sent_again: 12 });
    expect(numbersOf(finding)).toMatchObject({
      lost_or_their_ack: 6,
      arrived_before: 0,
      lost_or_not_is_unknown: 0,
    });
    expect(finding?.cause).toContain('No other segment');
  });

  it('tells loss of everything from loss at the close alone', () => {
    const flows = closes(6, { again: [LOST], columns: { client_retransmissions: 5 } });
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

  it.each<[string, Close['again'], string, Record<string, number>]>([
    ['that the receiver reports had arrived', [SPURIOUS], 'likely', { arrived_before: 8 }],
    [
      'that had arrived, as the receiver reports after a timeout',
      [[220_000, 'spurious retransmitted FIN']],
      'likely',
      { arrived_before: 8 },
    ],
    ['that came sooner than a timeout', [PROBE], 'possible', { lost_or_not_is_unknown: 8 }],
    ['just sooner', [[199_999, 'retransmitted FIN']], 'possible', { lost_or_not_is_unknown: 8 }],
    ['sooner, and then was reported', [PROBE, [220_000, SPURIOUS[1]]], 'likely', { arrived_before: 8 }],
  ])('is information where FINs came again %s', (_, again, confidence, numbers) => {
    const [finding] = found('fin-retransmitted', closes(8, { again: again ?? [] }));
    expect(finding).toMatchObject({ severity: 'info', confidence, count: 8 });
    expect(finding?.cause).toContain('tail-loss probe');
    expect(numbersOf(finding)).toMatchObject({
      lost_or_their_ack: 0,
      arrived_before: 0,
      lost_or_not_is_unknown: 0,
      ...numbers,
    });
  });

  it('counts a close as lost whose FIN came after a timeout as well as before', () => {
    const [finding] = found('fin-retransmitted', closes(6, { again: [PROBE, LOST] }));
    expect(finding).toMatchObject({ severity: 'warning', confidence: 'likely' });
  });

  it.each([
    ['too few losses', 4, 20, 'info'],
    ['enough', 5, 20, 'warning'],
    ['too small a share', 5, 100, 'info'],
  ])('warns of losses alone: %s', (_, lost, spurious, severity) => {
    const flows = [...closes(lost, AGAIN), ...closes(spurious, { again: [SPURIOUS] })];
    const [finding] = found('fin-retransmitted', flows);
    expect(finding).toMatchObject({ severity, count: lost + spurious });
    expect(numbersOf(finding)).toMatchObject({ lost_or_their_ack: lost, arrived_before: spurious });
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
      closes(6, { ...AGAIN, columns: { closed_first: 'both' } }),
    ],
    [
      'one direction alone, without any ACK',
      closes(6, { ...NEVER, columns: { ...NEVER.columns, server_segments: 0 } }),
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
