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

  it('does not say that nothing has to be done where connections open late', () => {
    const late = times(1, SECOND, (us) =>
      close('client', us, { opened: SECOND, client_retransmissions: 1 }),
    ).map((flow) => ({ ...flow, history: 'ShADadFf' }));
    const some = times(5, SECOND, (us) => reused('server', us));
    const text = (flows: typeof some) => JSON.stringify(found('time-wait-reuse', flows)[0]);
    expect(text(some)).toContain('Nothing has to be done');
    expect(text([...some, ...late])).not.toMatch(/Nothing has to be done|safe/);
    expect(text([...some, ...late])).toContain('1 connections to the service opened late');
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
