import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../../src/report/diagnose/diagnose.ts';
import { type Flow, type FlowSegment, NOON } from '../../../../record/batches.ts';
import { opened, temporaryFolder, writeDatabase } from '../../../../record/database.ts';
import { found, numbersOf, sysctl, times } from '../../found.ts';

const CODE = 'fin-wait-2-stuck';
const SECOND = 1_000_000;
const ENTERED = SECOND;

interface Wait {
  /** How long it stood in FIN_WAIT_2 until the RST, or when the capture ended. */
  lasted: number;
  /** A keep-alive of the server came so long after FIN_WAIT_2 began, and was answered. */
  probed?: number;
  /** It was not answered. */
  inVain?: boolean;
  columns?: Record<string, number | string>;
}

const segment = (at: number, part: Pick<FlowSegment, 'endpoint' | 'flags' | 'meaning'>): FlowSegment => ({
  at,
  frame: Math.round(at / 1000),
  seq: 1,
  ack: 1,
  len: 0,
  ...part,
});
const FIN = segment(ENTERED, { endpoint: 'client', flags: 0x11, meaning: 'FIN' });

/** The client has closed, the FIN that comes at last is answered by RST. */
function orphan({ lasted, columns }: Wait, firstUs = 0): Flow {
  const end = ENTERED + lasted;
  return {
    columns: {
      first: NOON + firstUs,
      last: end + 20,
      observed: end + SECOND,
      close_kind: 'fin-reset',
      closed_first: 'client',
      reset_by: 'client',
      reset_kind: 'late-segment',
      reset_evidence: 'no-socket',
      close_started: ENTERED,
      close_ended: end,
      client_fins: 1,
      server_fins: 1,
      client_state: 'CLOSED',
      server_state: 'CLOSED',
      ...columns,
    },
    clientLife: {
      FIN_WAIT_1: [ENTERED, 8, 'sent'],
      FIN_WAIT_2: [ENTERED, 9, 'acked'],
      CLOSED: [end, 11, 'rst-sent'],
    },
    segments: [
      FIN,
      segment(end - 20, { endpoint: 'server', flags: 0x11, meaning: 'FIN' }),
      segment(end, { endpoint: 'client', flags: 0x04, meaning: 'RST' }),
    ],
  };
}

/** The client stands in FIN_WAIT_2 when the capture ends. */
function standing({ lasted, probed, inVain = false, columns }: Wait, firstUs = 0): Flow {
  return {
    columns: {
      first: NOON + firstUs,
      last: ENTERED + (probed === undefined ? 0 : probed + (inVain ? 0 : 20)),
      observed: ENTERED + lasted,
      close_kind: 'half',
      closed_first: 'client',
      client_state: 'FIN_WAIT_2',
      server_state: 'CLOSE_WAIT',
      client_fins: 1,
      ...columns,
    },
    clientLife: { FIN_WAIT_1: [ENTERED, 8, 'sent'], FIN_WAIT_2: [ENTERED, 9, 'acked'] },
    segments: [
      FIN,
      ...(probed === undefined
        ? []
        : [probed - 5 * SECOND, probed].map((at) =>
            segment(ENTERED + at, { endpoint: 'server', flags: 0x10, meaning: 'keep-alive' }),
          )),
    ],
  };
}

const several = (n: number, flow: (wait: Wait, firstUs: number) => Flow, wait: Wait) =>
  times(n, SECOND, (us) => flow(wait, us));

describe('orphans', () => {
  it('are proven by the RST without ACK that answers the FIN after tcp_fin_timeout', () => {
    const [finding, ...others] = found(CODE, several(5, orphan, { lasted: 62 * SECOND }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      subject: '10.0.0.1 -> 10.0.0.2:80',
      severity: 'warning',
      confidence: 'certain',
      count: 5,
      title: expect.stringContaining('orphans'),
    });
    expect(finding?.cause).toContain("tcp_fin_timeout is 60 s (Linux's default), and no FIN came sooner");
    expect(numbersOf(finding)).toMatchObject({
      gone_after_at_most_us: 62 * SECOND,
      of: 5,
      share_percent: 100,
    });
  });

  it('that are gone sooner than the setting speak for another one', () => {
    expect(found(CODE, several(5, orphan, { lasted: 7 * SECOND }))[0]?.cause).toContain('it was set lower');
    const [finding] = found(CODE, several(5, orphan, { lasted: 7 * SECOND }), sysctl('tcp_fin_timeout = 5'));
    expect(finding?.cause).toContain("5 s (this host's), and no FIN came sooner");
  });

  it('show the FINs and the RST of an example', () => {
    const [finding] = found(CODE, several(5, orphan, { lasted: 62 * SECOND }));
    expect(finding?.evidence.flows[0]?.frames.map(({ meaning }) => meaning)).toEqual(['FIN', 'FIN', 'RST']);
  });

  it.each([
    ['four of them', several(4, orphan, { lasted: 62 * SECOND })],
    [
      'five of fifty-one',
      [...several(5, orphan, { lasted: 62 * SECOND }), ...several(46, standing, { lasted: SECOND })],
    ],
    ['an RST within a second: no room for a TIME_WAIT', several(5, orphan, { lasted: SECOND / 2 })],
    [
      'data that was refused, as a closed socket does at any time',
      several(5, orphan, { lasted: 62 * SECOND, columns: { reset_kind: 'data-after-close' } }),
    ],
    ['an abort by the peer', several(5, orphan, { lasted: 62 * SECOND, columns: { reset_by: 'server' } })],
  ])('are not found in %s', (_, flows) => {
    expect(found(CODE, flows)).toEqual([]);
  });
});

describe('FIN_WAIT_2 that stands', () => {
  it('is held by a program where it answers later than an orphan lives', () => {
    const [finding] = found(CODE, several(5, standing, { lasted: 70 * SECOND, probed: 61 * SECOND }));
    expect(finding).toMatchObject({
      severity: 'warning',
      confidence: 'likely',
      count: 5,
      title: expect.stringContaining('shutdown() without close()'),
    });
    expect(numbersOf(finding)).toMatchObject({ standing: 5, still_answering: 5 });
  });

  it('is certainly held where the setting of the host is known', () => {
    const flows = several(5, standing, { lasted: 70 * SECOND, probed: 61 * SECOND });
    expect(found(CODE, flows, sysctl('tcp_fin_timeout = 60'))[0]?.confidence).toBe('certain');
  });

  it('proves nothing where tcp_fin_timeout is longer than it stood', () => {
    const flows = several(5, standing, { lasted: 70 * SECOND, probed: 61 * SECOND });
    expect(found(CODE, flows, sysctl('tcp_fin_timeout = 120'))).toMatchObject([
      { severity: 'info', confidence: 'possible', title: expect.stringContaining('the peer') },
    ]);
  });

  it.each([
    ['nothing came for it since', { lasted: 70 * SECOND }],
    ['what came was sooner', { lasted: 70 * SECOND, probed: 30 * SECOND }],
    [
      'one keep-alive after the other went unanswered',
      { lasted: 90 * SECOND, probed: 80 * SECOND, inVain: true },
    ],
  ])('is information where %s', (_, wait) => {
    const [finding] = found(CODE, several(5, standing, wait));
    expect(finding).toMatchObject({ severity: 'info', confidence: 'possible' });
  });

  it('is of a server, too, which has closed before its clients', () => {
    const flows = times(5, SECOND, (us) => ({
      ...standing({ lasted: 70 * SECOND }, us),
      columns: {
        ...standing({ lasted: 70 * SECOND }, us).columns,
        closed_first: 'server',
        client_state: 'CLOSE_WAIT',
        server_state: 'FIN_WAIT_2',
      },
      clientLife: { CLOSE_WAIT: [ENTERED, 8, 'acked'] as const },
      serverLife: { FIN_WAIT_1: [ENTERED, 8, 'sent'] as const, FIN_WAIT_2: [ENTERED, 9, 'acked'] as const },
    }));
    expect(found(CODE, flows)).toMatchObject([{ count: 5, severity: 'info' }]);
  });

  it.each([
    ['that is younger than an orphan lives', several(5, standing, { lasted: 59 * SECOND })],
    [
      'of flows that were evicted early',
      several(5, standing, { lasted: 70 * SECOND, columns: { evicted: 1 } }),
    ],
  ])('is not found %s', (_, flows) => {
    expect(found(CODE, flows)).toEqual([]);
  });
});

it.each([
  ['a whole capture shows them', 'places = 1', 1],
  ['but not one whose filter left out the FINs', 'filtered = 1', 0],
  ['nor one of one direction', 'directions = 1', 0],
])('those that stand: %s', (_, change, findings) => {
  const path = join(temporaryFolder(), 'standing.sqlite');
  writeDatabase(path, several(5, standing, { lasted: 90 * SECOND }));
  const db = new Database(path);
  db.exec(`UPDATE captures SET ${change}`);
  db.close();
  expect(diagnose(opened(path), { only: [CODE] }).findings).toHaveLength(findings);
});
