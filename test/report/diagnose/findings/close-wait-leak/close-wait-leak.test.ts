import { describe, expect, it } from 'vitest';
import { type DiagnoseOptions, diagnose } from '../../../../../src/report/diagnose/diagnose.ts';
import type { Finding } from '../../../../../src/report/diagnose/frame/finding.ts';
import { databaseOf } from '../../../../record/database.ts';
import { flow, oneByOne, SECOND, times, type Wait } from './waits.ts';

function found(waits: readonly Wait[], options: DiagnoseOptions = {}): Finding[] {
  return diagnose(databaseOf(waits.map(flow)), { only: ['close-wait-leak'], ...options }).findings;
}

const LEAK = 'missing close() in the server';

describe('CLOSE_WAITs that stand when the capture ends', () => {
  it.each([
    [
      'one for more than a minute: an accident, told as such',
      times(1, { ago: 61 * SECOND }),
      'info',
      'likely',
    ],
    ['three for more than a minute', times(3, { ago: 61 * SECOND }), 'warning', 'likely'],
    [
      'several for less, while others were served, and none was ever closed',
      oneByOne(4, SECOND),
      'warning',
      'possible',
    ],
    [
      'several for seconds of a program that closes others at once',
      [...times(3, { ago: 20 * SECOND }), ...times(20, { ago: 30 * SECOND, closedAfter: 1000 })],
      'warning',
      'likely',
    ],
  ] as const)('%s', (_, waits, severity, confidence) => {
    const [finding, ...others] = found(waits);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ title: LEAK, subject: '10.0.0.2:80', severity, confidence });
  });

  it.each([
    ['one for less than a minute', times(1, { ago: 59 * SECOND })],
    ['two for less than a minute', oneByOne(2, 10 * SECOND)],
    ['several that came at once, and nobody was served since', times(5, { ago: 5 * SECOND })],
    [
      'several of a program that takes about so long for the others',
      [...times(3, { ago: 90 * SECOND }), ...times(5, { ago: 150 * SECOND, closedAfter: 900_000 })].map(
        (wait) => ('closedAfter' in wait ? { ...wait, closedAfter: 20 * SECOND } : wait),
      ),
    ],
    ['several to which data still goes', times(3, { ago: 90 * SECOND, sentAfterFin: { ago: SECOND / 2 } })],
    ['flows that were evicted early', times(3, { ago: 90 * SECOND, columns: { evicted: 1 } })],
  ] as const)('censored, and no leak: %s', (_, waits) => {
    expect(found(waits).filter(({ title }) => title === LEAK)).toEqual([]);
  });

  it('but those that got data after the FIN, long ago, count', () => {
    expect(found(times(3, { ago: 90 * SECOND, sentAfterFin: { ago: 80 * SECOND } }))).toHaveLength(1);
  });

  it('without a byte of the server they lie in its backlog', () => {
    const [finding] = found(times(3, { ago: 2 * SECOND, sent: 0 }));
    expect(finding).toMatchObject({
      severity: 'warning',
      confidence: 'likely',
      title: expect.stringContaining('full backlog'),
    });
    expect(finding?.cause).toContain('accept()');
  });

  it('of a client they are the pool of connections to one server', () => {
    const [finding] = found(times(3, { ago: 61 * SECOND, holder: 'client' }));
    expect(finding).toMatchObject({
      subject: '10.0.0.1 -> 10.0.0.2:80',
      title: expect.stringContaining('kept by the client'),
    });
  });

  it('are critical where they take half of the descriptors', () => {
    const options = { thresholds: { 'descriptor-limit': 10 } };
    expect(found(oneByOne(5, SECOND), options)[0]?.severity).toBe('critical');
    expect(found(oneByOne(4, SECOND), options)[0]?.severity).toBe('warning');
  });

  it('give no forecast from less than a minute', () => {
    const [finding] = found(oneByOne(50, SECOND));
    expect(finding?.evidence.numbers).not.toHaveProperty('limit_reached_in_us');
    expect(finding?.evidence.numbers).not.toHaveProperty('descriptor_limit');
  });

  it('of which some are unknown since are not taken for closed', () => {
    const unknown = flow({ ago: 100 * SECOND, columns: { server_state: 'UNKNOWN' } });
    unknown.serverLife = { ...unknown.serverLife, UNKNOWN: [2 * SECOND, 12, 'filtered'] };
    const waits = times(3, { ago: 61 * SECOND }).map(flow);
    const { findings } = diagnose(databaseOf([...waits, unknown]), { only: ['close-wait-leak'] });
    expect(findings).toMatchObject([{ count: 3, title: LEAK }]);
    expect(findings[0]?.evidence.numbers).toMatchObject({ standing: 3, closed_by_the_program: 0 });
  });

  it('are critical where they grow to the limit within the hour, by what more than a minute shows', () => {
    const [finding] = found(oneByOne(70, SECOND));
    expect(finding?.severity).toBe('critical');
    const { numbers } = finding!.evidence;
    expect(numbers.growth_per_s).toBeCloseTo(69 / 70, 2);
    expect(numbers.limit_reached_in_us! / SECOND).toBeCloseTo((1024 - 70) / (69 / 70), 0);
  });

  it('count by other thresholds, where these are given', () => {
    const waits = times(1, { ago: 31 * SECOND });
    const thresholds = { 'close-wait-age': 30, 'close-wait-count': 1 };
    expect(found(waits, { thresholds })[0]?.severity).toBe('warning');
  });
});

describe('CLOSE_WAITs that end late', () => {
  const late = (n: number, change: Partial<Wait>): Wait[] =>
    times(n, { ago: 60 * SECOND, closedAfter: 2 * SECOND, ...change });
  const gave = { ago: 59 * SECOND };

  it.each([
    ['three that were closed after two seconds', late(3, {}), 'slow handler', 'warning'],
    [
      'three whose late answer was refused',
      late(3, { sentAfterFin: gave, refused: true }),
      'slow handler',
      'warning',
    ],
    ['three whose late answer was taken', late(3, { sentAfterFin: gave }), 'half-closed', 'info'],
    [
      'three whose answer was taken, but after ten seconds',
      late(3, { sentAfterFin: { ago: 50 * SECOND }, closedAfter: 10 * SECOND }),
      'half-closed',
      'warning',
    ],
    [
      'three whose answer began at once and took ten seconds',
      late(3, { sentAfterFin: { ago: 60 * SECOND - 50 }, closedAfter: 10 * SECOND }),
      'half-closed',
      'info',
    ],
    [
      'three of forty',
      [...late(3, {}), ...times(37, { ago: 60 * SECOND, closedAfter: 1000 })],
      'slow handler',
      'info',
    ],
  ] as const)('%s', (_, waits, title, severity) => {
    const [finding, ...others] = found(waits);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ severity, count: 3, title: expect.stringContaining(title) });
  });

  it('of a client are a pool that notices late: no trouble, unless it takes more than a minute', () => {
    const pool = { holder: 'client', ago: 190 * SECOND } as const;
    const kept = { title: expect.stringContaining('kept by the client') };
    expect(found(late(3, pool))).toMatchObject([{ severity: 'info', ...kept }]);
    expect(found(late(3, { ...pool, closedAfter: 61 * SECOND }))).toMatchObject([
      { severity: 'warning', ...kept },
    ]);
  });

  it('two are an accident', () => {
    expect(found(late(2, {}))).toEqual([]);
  });
});
