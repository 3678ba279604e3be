import { describe, expect, it } from 'vitest';
import { closes, MINUTE } from '../../family/client-time-waits/busy-client.ts';
import { found, numbersOf, sysctl } from '../../found.ts';

describe('time-wait-pile-up', () => {
  it('is forecast from the rate where the capture is shorter than TIME_WAIT', () => {
    const [finding, ...others] = found('time-wait-pile-up', closes({ count: 500, rate: 100 }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      subject: '10.0.0.1',
      severity: 'warning',
      confidence: 'possible',
      count: 500,
    });
    expect(numbersOf(finding)).toMatchObject({ at_once: 500, time_wait_us: MINUTE });
    expect(numbersOf(finding).closes_per_s).toBeCloseTo(100, 0);
    expect(numbersOf(finding).standing_number! / 6000).toBeCloseTo(1, 1);
  });

  it('is seen where the capture is longer: the peak counts, not the sum', () => {
    const flows = closes({ count: 1600, rate: 10, after: 0 });
    const thresholds = { 'time-wait-standing': 590 };
    expect(numbersOf(found('time-wait-pile-up', flows, { thresholds })[0])).toMatchObject({
      time_waits: 1600,
      at_once: 600,
      standing_number: 600,
    });
    expect(found('time-wait-pile-up', flows, { thresholds: { 'time-wait-standing': 610 } })).toEqual([]);
  });

  it.each([
    ['at a rate that keeps below the threshold', closes({ count: 400, rate: 80 })],
    ['of a burst that is over', closes({ count: 500, rate: 1000, after: 30 })],
    ['of a burst too short to be a rate', closes({ count: 500, rate: 10_000 })],
    ['of so few that there is no rate', closes({ count: 99, rate: 98 })],
  ])('is not found %s', (_, flows) => {
    expect(found('time-wait-pile-up', flows)).toEqual([]);
  });

  it("speaks of the host's own tcp_max_tw_buckets where it is known", () => {
    const flows = closes({ count: 200, rate: 20 });
    expect(found('time-wait-pile-up', flows)).toEqual([]);
    const [finding] = found('time-wait-pile-up', flows, sysctl('tcp_max_tw_buckets = 1000'));
    expect(finding?.cause).toContain('(1,000): the kernel drops the rest at once');
  });

  it('says where the length that was taken is not that of the client', () => {
    const flows = closes({ count: 500, rate: 100, columns: { client_stack: 'windows' } });
    expect(found('time-wait-pile-up', flows)[0]?.cause).toContain('--time-wait auto');
  });

  it('warns of what does not help', () => {
    const [finding] = found('time-wait-pile-up', closes({ count: 500, rate: 100 }));
    expect(finding?.notToDo.join(' ')).toContain('tcp_fin_timeout does not shorten TIME_WAIT');
  });
});
