import { describe, expect, it } from 'vitest';
import type { Flow } from '../../../../record/batches.ts';
import { found, opened, refused, SECOND } from '../../family/openings/series.ts';
import { named } from '../../found.ts';

describe('SYNs that are refused', () => {
  const six = { count: 6, at: 20 * SECOND, every: SECOND };
  const before = opened({ count: 10, at: 0, every: SECOND });
  const after = opened({ count: 10, at: 40 * SECOND, every: SECOND });

  it.each([
    ['at a port on which nobody listens', [], 'nobody listens'],
    ['by a service that served before', [before], 'the service ended'],
    ['by a service that serves later', [after], 'later than clients came'],
    ['by a service that served before and after', [before, after], 'away for a while'],
    [
      'by a service that serves others meanwhile',
      [opened({ count: 9, at: 18 * SECOND, every: SECOND })],
      'refuses some',
    ],
  ] as const)('%s', (_, others, title) => {
    const findings = found([refused(six), ...others] as Flow[][]);
    expect(findings.map(named)).toEqual(['warning refused 10.0.0.2:80 6']);
    expect(findings[0]?.title).toContain(title);
  });

  it('for a moment, by a service that is busy all day', () => {
    const busy = opened({ count: 1000, at: 0, every: SECOND / 5 });
    const moment = refused({ count: 8, at: 100 * SECOND + 1, every: SECOND / 5 });
    expect(found([busy, moment]).map(named)).toEqual(['warning refused 10.0.0.2:80 8']);
  });

  it('now and then, by a service that is busy all day, are no finding', () => {
    const busy = opened({ count: 1000, at: 0, every: SECOND / 5 });
    expect(found([busy, refused({ count: 8, at: 0, every: 20 * SECOND })])).toEqual([]);
  });

  it('of one client that tries many ports are a scan', () => {
    const scan = refused({ count: 25, at: 0, every: 1000, columns: (i) => ({ server_port: 1000 + i }) });
    expect(found([scan]).map(named)).toEqual(['info refused 10.0.0.1 25']);
  });

  it('count by other thresholds, where these are given', () => {
    const two = [refused({ ...six, count: 2 })];
    expect(found(two)).toEqual([]);
    expect(found(two, { thresholds: { 'opening-count': 2 } })).toHaveLength(1);
  });
});
