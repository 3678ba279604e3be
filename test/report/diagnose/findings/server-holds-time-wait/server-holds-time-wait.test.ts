import { describe, expect, it } from 'vitest';
import { type Flow, NOON } from '../../../../record/batches.ts';
import { found, numbersOf, sysctl, times } from '../../found.ts';
import { close, type End, SECOND } from '../../held.ts';

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

  it('makes no rate of a burst', () => {
    const burst = [
      ...times(800, 1000, (us, i) => close('server', us, { close_started: 10_000, client_port: 20_000 + i })),
      ...times(20, 1000, (us) => close('server', us + 28 * SECOND, { close_started: 10_000 })),
    ];
    const [finding] = found('server-holds-time-wait', burst);
    expect(finding).toMatchObject({ severity: 'info' });
    expect(numbersOf(finding)).not.toHaveProperty('standing_number');
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

  it('is no such thing where it listens again while they stand: it did bind', () => {
    const flows = [...closes(10, SECOND), ...times(5, SECOND, (us) => refusal(us + 12 * SECOND))];
    const back = (at: number): Flow => ({
      columns: { first: NOON + at, client_port: 21_000, opened: 100, close_kind: 'open' },
      segments: [],
    });
    expect(found('server-holds-time-wait', [...flows, back(20 * SECOND)])).toEqual([]);
    expect(found('server-holds-time-wait', [...flows, back(75 * SECOND)])).toMatchObject([
      { severity: 'warning' },
    ]);
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
