import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { STATES } from '../../../src/flow/format/words.ts';
import { parseNetwork } from '../../../src/report/addresses.ts';
import { readSpan } from '../../../src/report/states/span.ts';
import { netstatAt, type StatesFilter, statesAt, statesEvery } from '../../../src/report/states/states.ts';
import { analyze } from '../../../src/run/pipeline.ts';
import { NOON } from '../../record/batches.ts';
import { databaseOf, opened, temporaryFolder } from '../../record/database.ts';
import { FIN_FLOW, LEAK_FLOW } from '../../record/flows.ts';

const ALL: StatesFilter = { endpoint: undefined, network: undefined };
const network = (text: string) => ({ ...ALL, network: parseNetwork(text)! });
const second = 1_000_000;

describe('states at an instant', () => {
  const rowsAt = (us: number, filter = ALL) => statesAt(databaseOf([FIN_FLOW]), NOON + us, filter).rows;

  it.each([
    ['before the first segment', -1, []],
    ['at the SYN', 0, [['SYN_SENT', 1, 0]]],
    [
      'when the SYN is in',
      50,
      [
        ['SYN_SENT', 1, 0],
        ['SYN_RECEIVED', 0, 1],
      ],
    ],
    [
      'when only the client knows',
      200,
      [
        ['SYN_RECEIVED', 0, 1],
        ['ESTABLISHED', 1, 0],
      ],
    ],
    ['when it is open', 500, [['ESTABLISHED', 1, 1]]],
    [
      'at the first FIN',
      second,
      [
        ['FIN_WAIT_1', 1, 0],
        ['CLOSE_WAIT', 0, 1],
      ],
    ],
    [
      'when that is acknowledged',
      2 * second,
      [
        ['FIN_WAIT_2', 1, 0],
        ['CLOSE_WAIT', 0, 1],
      ],
    ],
    ['when the server is done', 5 * second, [['TIME_WAIT', 1, 0]]],
    ['at the last moment it was watched', 20 * second, [['TIME_WAIT', 1, 0]]],
    ['after that', 20 * second + 1, []],
  ])('%s', (_, us, expected) => {
    expect(rowsAt(us)).toEqual(expected);
  });

  it.each([
    ['clients only', { ...ALL, endpoint: 'client' as const }, [['FIN_WAIT_2', 1]]],
    ['servers only', { ...ALL, endpoint: 'server' as const }, [['CLOSE_WAIT', 1]]],
    ['ends with an address', network('10.0.0.2'), [['CLOSE_WAIT', 0, 1]]],
    [
      'ends in a network',
      network('10.0.0.0/24'),
      [
        ['FIN_WAIT_2', 1, 0],
        ['CLOSE_WAIT', 0, 1],
      ],
    ],
    ['no end', network('192.0.2.1'), []],
  ])('%s', (_, filter, expected) => {
    expect(rowsAt(2 * second, filter)).toEqual(expected);
  });

  it("in netstat's spelling", () => {
    const { rows } = netstatAt(databaseOf([FIN_FLOW, LEAK_FLOW]), NOON + 2 * second, network('10.0.0.1'));
    expect(Array.from(rows)[0]).toEqual(['FIN_WAIT2', expect.any(Number)]);
  });
});

describe('states that the capture does not show', () => {
  const flows = () =>
    databaseOf([
      {
        clientLife: { UNKNOWN: [0, 1, 'mid-stream'] },
        serverLife: { ESTABLISHED: [0, 1, 'mid-stream'] },
        columns: { observed: second },
      },
    ]);

  it('are counted as UNKNOWN', () => {
    expect(Array.from(statesAt(flows(), NOON, ALL).rows)).toEqual([
      ['ESTABLISHED', 0, 1],
      ['UNKNOWN', 1, 0],
    ]);
  });

  it('are no state of netstat, but their number', () => {
    const { rows, unknown } = netstatAt(flows(), NOON, ALL);
    expect(Array.from(rows)).toEqual([['ESTABLISHED', 1]]);
    expect(unknown).toBe(1);
  });
});

describe('states every so often', () => {
  it('a row an instant and endpoint', () => {
    const steps = { fromUs: NOON, toUs: NOON + 4 * second, stepUs: 2 * second };
    const { fields, rows } = statesEvery(databaseOf([FIN_FLOW]), steps, ALL);
    expect(fields.map(({ name }) => name)).toEqual(['at_us', 'endpoint', ...STATES.slice(0, -1)]);
    expect(Array.from(rows)).toEqual([
      [NOON, 'client', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [NOON, 'server', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [NOON + 2 * second, 'client', 0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
      [NOON + 2 * second, 'server', 0, 0, 0, 0, 0, 0, 0, 1, 0, 0],
      [NOON + 4 * second, 'client', 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
      [NOON + 4 * second, 'server', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ]);
  });
});

describe('of the recorded captures, all in one database', () => {
  const folder = join(import.meta.dirname, '..', '..', '..', 'captures');
  let path: string;

  beforeAll(async () => {
    path = join(temporaryFolder(), 'all.sqlite');
    const files = readdirSync(folder).filter((name) => name.endsWith('.pcap'));
    for (const file of files) {
      await analyze([join(folder, file)], { target: path, append: true, timeWait: undefined });
    }
  });

  it('the stored timeline, one made from the flows, and SQL agree', () => {
    const bare = `${path}.bare`;
    copyFileSync(path, bare);
    const writable = new Database(bare);
    writable.exec('DELETE FROM timeline');
    writable.close();
    const [db, withoutTimeline] = [opened(path), opened(bare)];
    const { firstUs, lastUs } = readSpan(db)!;
    const times = db.prepare<[], number>('SELECT DISTINCT entered_us FROM state_intervals').pluck().all();
    const bySql = db.prepare(
      `SELECT state, sum(endpoint = 'client'), sum(endpoint = 'server')
       FROM state_intervals JOIN flow_data ON flow_data.id = flow_id
       WHERE entered_us <= :at AND :at < coalesce(left_us, first + observed + 1) AND state <> 'CLOSED'
       GROUP BY state`,
    );
    const instants = times.flatMap((us) => [us - 1, us]).filter((us) => us >= firstUs && us <= lastUs);
    expect(instants.length).toBeGreaterThan(300);
    for (const at of instants.filter((_, i) => i % 3 === 0)) {
      const stored = Array.from(statesAt(db, at, ALL).rows);
      const sql = bySql.raw().all({ at }) as [string, number, number][];
      const order = ([state]: readonly unknown[]) => STATES.indexOf(state as (typeof STATES)[number]);
      expect(stored).toEqual(sql.toSorted((a, b) => order(a) - order(b)));
      expect(Array.from(statesAt(withoutTimeline, at, ALL).rows)).toEqual(stored);
    }
  });
});
