import { describe, expect, it } from 'vitest';
import { found, numbersOf, times } from '../../found.ts';
import { close, type End, SECOND } from '../../held.ts';

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
