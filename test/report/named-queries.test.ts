import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generate } from '../../scripts/generate/generate.ts';
import { openForReading } from '../../src/record/open-database.ts';
import { namedQueries, namedQuery } from '../../src/report/named-query.ts';
import { formatRows, type Value } from '../../src/report/rows.ts';
import { styles } from '../../src/report/style.ts';
import { isoTime } from '../../src/report/units.ts';
import { analyze } from '../../src/run/pipeline.ts';
import type { Flow } from '../record/batches.ts';
import { databaseOf as databaseOfFlows } from '../record/database.ts';
import { FIN_FLOW } from '../record/flows.ts';
import { lacks } from '../record/program.ts';
import { ROOT } from '../terminal/finwait.ts';

// What each query answers on the recorded captures stands in named-queries/. What is counted or
// ranked is checked against a plain computation from the views, also on generated flows.

type Row = Record<string, number | string | null>;
type Given = Record<string, number | string>;

const folder = mkdtempSync(join(tmpdir(), 'finwait-queries-'));
const open: Database[] = [];
let recorded: Database;
let generated: Database;

beforeAll(async () => {
  const captures = readdirSync(join(ROOT, 'captures')).filter((name) => name.includes('.pcap'));
  recorded = await databaseOf(
    'recorded',
    captures.map((name) => join('captures', name)),
  );
  const blocks: Buffer[] = [];
  const options = {
    flows: 3000,
    packetsPerFlow: 11,
    payload: 0,
    concurrent: 200,
    snapLength: 96,
    ipv6: false,
  };
  generate({ ...options, seed: 4 }, (block) => blocks.push(Buffer.from(block)));
  const capture = join(folder, 'generated.pcap');
  writeFileSync(capture, Buffer.concat(blocks));
  generated = await databaseOf('generated', [capture], '0.2');
});

afterAll(() => {
  for (const db of open) db.close();
  rmSync(folder, { recursive: true });
});

async function databaseOf(name: string, paths: string[], timeWait?: string): Promise<Database> {
  const target = join(folder, `${name}.sqlite`);
  await analyze(paths, { target, append: false, timeWait });
  const db = openForReading(target);
  open.push(db);
  return db;
}

function ask(db: Database, name: string, given: Given = {}): Row[] {
  const { sql, parameters } = namedQuery(name)!;
  const unset = Object.fromEntries(parameters.map((parameter) => [parameter.name, null]));
  return db.prepare<[object], Row>(sql).all({ ...unset, ...given });
}

const names = namedQueries().map(({ name }) => name);

describe('on the recorded captures', () => {
  it.each(names)('%s', async (name) => {
    const { sql, parameters } = namedQuery(name)!;
    const unset = Object.fromEntries(parameters.map((parameter) => [parameter.name, null]));
    const statement = recorded.prepare<[object], Value[]>(sql);
    const columns = statement.columns().map((column) => column.name);
    const text = formatRows(columns, statement.raw().all(unset), {
      format: 'table',
      terminal: false,
      style: styles(false),
      width: undefined,
    });
    await expect([...text].join('')).toMatchFileSnapshot(`named-queries/${name}.txt`);
  });

  const defaults = namedQueries().flatMap(({ name, parameters }) =>
    parameters.map((parameter) => [name, parameter.name, Number(parameter.default)] as const),
  );
  it.each(defaults.filter(([, , value]) => !Number.isNaN(value)))(
    '%s with :%s = %d is the same as without it, as the file says',
    (name, parameter, value) => {
      expect(ask(recorded, name, { [parameter]: value })).toEqual(ask(recorded, name));
    },
  );
});

it('times are cut to the millisecond, as those of the other commands are', () => {
  const times = recorded.prepare<[], number>('SELECT last_us FROM captures ORDER BY id').pluck().all();
  expect(ask(recorded, 'captures').map(({ last_at }) => last_at)).toEqual(
    times.map((us) => isoTime(us, true)),
  );
});

describe.skipIf(lacks('sqlite3'))('in plain sqlite3, as the file is (needs the program sqlite3)', () => {
  it.each(names)('%s', (name) => {
    const path = join(ROOT, 'src', 'report', 'queries', `${name}.sql`);
    const words = ['-readonly', '-json', recorded.name, `.read ${path}`];
    const { status, stdout, stderr } = spawnSync('sqlite3', words, { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout || '[]')).toEqual(JSON.parse(JSON.stringify(ask(recorded, name))));
  });
});

describe('where the recorded captures have nothing to show', () => {
  const second = 1_000_000;
  const wait: Flow = {
    client: '10.0.0.1',
    server: '10.0.0.2',
    columns: { server_port: 443, close_kind: 'half', closed_first: 'client', observed: 9 * second },
    serverLife: { CLOSE_WAIT: [second, 8, 'acked'] },
  };

  it('last-ack-missing', () => {
    const columns = {
      close_kind: 'fin-unacked',
      observed: 9 * second,
      client_fin: second,
      server_fin: 2 * second,
    };
    const flow: Flow = { ...wait, columns: { ...columns, server_state: 'LAST_ACK', server_fins: 3 } };
    expect(ask(databaseOfFlows([flow, FIN_FLOW]), 'last-ack-missing')).toMatchObject([
      { flow: 1, server_state: 'LAST_ACK', server_fins: 3, since_last_fin_s: 7 },
    ]);
  });

  it.each<[string, string | null, Flow[]]>([
    ['one stands that sent bytes', 'missing close()', [withBytes(wait, 10)]],
    ['one stands that never sent any', 'full backlog', [withBytes(wait, 0)]],
    ['one stands longer than any that ended', 'missing close()', [withBytes(wait, 10), endedAfter(wait, 5)]],
    ['one ended late, one stands for less', 'slow handler', [withBytes(wait, 10), endedAfter(wait, 30)]],
    [
      'one stands for less than a quick one took',
      null,
      [withBytes(shortly(wait), 10), endedAfter(wait, 0.9)],
    ],
  ])('close-wait-leaks: %s: %s', (_, looksLike, flows) => {
    expect(ask(databaseOfFlows(flows), 'close-wait-leaks')).toMatchObject([
      { endpoint: 'server', ip: '10.0.0.2', port: 443, standing: 1, looks_like: looksLike },
    ]);
  });

  it('close-wait-leaks: none that ended soon', () => {
    expect(ask(databaseOfFlows([endedAfter(wait, 0.5)]), 'close-wait-leaks')).toEqual([]);
  });

  function withBytes(flow: Flow, bytes: number): Flow {
    return { ...flow, columns: { ...flow.columns, server_bytes: bytes } };
  }

  function endedAfter(flow: Flow, seconds: number): Flow {
    const ended = second * (1 + seconds);
    const columns = { ...flow.columns, server_bytes: 10, observed: ended + second };
    return { ...flow, columns, serverLife: { ...flow.serverLife, LAST_ACK: [ended, 9, 'sent'] } };
  }

  function shortly(flow: Flow): Flow {
    return { ...flow, columns: { ...flow.columns, observed: 1.1 * second } };
  }
});

interface Interval {
  endpoint: string;
  state: string;
  ip: string;
  port: number;
  /** From, and until; the state is no longer held then. */
  entered: number;
  left: number;
}

/** What every end was in and when, by the rule: until the next state, or as long as it was watched. */
function intervals(db: Database): Interval[] {
  return db
    .prepare<[], Interval>(
      `SELECT endpoint, state, iif(endpoint = 'client', client_ip, server_ip) AS ip, server_port AS port,
         entered_us AS entered, coalesce(left_us, observed_us + 1) AS left
       FROM state_intervals JOIN flows ON flows.id = flow_id WHERE state <> 'CLOSED'`,
    )
    .all();
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups];
}

const held = (all: readonly Interval[], at: number) =>
  all.filter((one) => one.entered <= at && at < one.left);

describe.each([
  ['recorded', () => recorded],
  ['generated', () => generated],
])('%s flows, by a plain computation', (_, database) => {
  let db: Database;
  let all: Interval[];
  let span: { first: number; last: number };
  beforeAll(() => {
    db = database();
    all = intervals(db);
    span = db
      .prepare<[], typeof span>('SELECT min(first_us) AS first, max(last_us) AS last FROM captures')
      .get()!;
  });

  it('states-at, at the instants at which something changes', () => {
    const times = [...new Set(all.flatMap(({ entered, left }) => [entered, left]))];
    const some = times.filter((_, i) => i % Math.ceil(times.length / 40) === 0);
    for (const at of [...some, span.first - 1, span.last]) {
      const expected = grouped(held(all, at), ({ state }) => state).map(([state, some]) => {
        const clients = some.filter(({ endpoint }) => endpoint === 'client').length;
        return { state, clients, servers: some.length - clients, sockets: some.length };
      });
      const byState = (a: Row, b: Row) => String(a.state).localeCompare(String(b.state));
      expect(ask(db, 'states-at', { at: at / 1e6 }).sort(byState), String(at)).toEqual(
        expected.sort(byState),
      );
    }
  });

  it('states-at, of one address', () => {
    const ip = all[0]!.ip;
    const mine = held(all, span.last).filter((one) => one.ip === ip);
    const sockets = ask(db, 'states-at', { ip }).reduce((sum, row) => sum + Number(row.sockets), 0);
    expect(sockets).toBe(mine.length);
  });

  it('time-waits-over-time and state-peaks', () => {
    const step = Math.ceil((span.last - span.first) / 50);
    const given = { step_s: step / 1e6 };
    const instants = Array.from(
      { length: Math.floor((span.last - span.first) / step) + 1 },
      (_, n) => span.first + n * step,
    );
    const waits = instants.map((at) => held(all, at).filter(({ state }) => state === 'TIME_WAIT'));
    expect(ask(db, 'time-waits-over-time', given).map(({ clients, servers }) => [clients, servers])).toEqual(
      waits.map((some) => [
        some.filter(({ endpoint }) => endpoint === 'client').length,
        some.filter(({ endpoint }) => endpoint === 'server').length,
      ]),
    );
    const peaks = new Map<string, number>();
    for (const at of instants) {
      const now = grouped(held(all, at), ({ endpoint, state }) => `${endpoint} ${state}`);
      for (const [key, some] of now) peaks.set(key, Math.max(peaks.get(key) ?? 0, some.length));
    }
    const asked = ask(db, 'state-peaks', given).map((row) => [`${row.endpoint} ${row.state}`, row.at_once]);
    expect(Object.fromEntries(asked)).toEqual(Object.fromEntries(peaks));
  });

  it('time-wait-peaks', () => {
    const waits = all.filter(({ state }) => state === 'TIME_WAIT');
    const holders = grouped(waits, (one) =>
      one.endpoint === 'client' ? `client ${one.ip} null` : `server ${one.ip} ${one.port}`,
    );
    const peaks = holders.map(([key, mine]) => [
      key,
      Math.max(...mine.map(({ entered }) => held(mine, entered).length)),
    ]);
    const asked = ask(db, 'time-wait-peaks', { limit: 10_000 }).map((row) => [
      `${row.endpoint} ${row.ip} ${row.port}`,
      row.at_once,
    ]);
    expect(Object.fromEntries(asked)).toEqual(Object.fromEntries(peaks));
  });

  it('ports-in-use', () => {
    type Wait = Row & { entered: number; left: number };
    const waits = db
      .prepare<[], Wait>(
        `SELECT client_ip || ' ' || server_ip || ' ' || server_port AS key, entered_us AS entered,
           coalesce(left_us, observed_us + 1) AS left
         FROM state_intervals JOIN flows ON flows.id = flow_id
         WHERE endpoint = 'client' AND state = 'TIME_WAIT'`,
      )
      .all();
    const peaks = grouped(waits, ({ key }) => String(key)).map(([key, mine]) => [
      key,
      Math.max(
        ...mine.map(({ entered: at }) => mine.filter((one) => one.entered <= at && at < one.left).length),
      ),
    ]);
    const asked = ask(db, 'ports-in-use', { limit: 10_000, ports: 50 });
    expect(
      Object.fromEntries(
        asked.map((row) => [`${row.client_ip} ${row.server_ip} ${row.server_port}`, row.at_once]),
      ),
    ).toEqual(Object.fromEntries(peaks));
    for (const row of asked) expect(row.percent_of_ports).toBe(Number(row.at_once) * 2);
  });

  const nearestRank = (sorted: readonly number[], percent: number) =>
    sorted[Math.ceil((sorted.length * percent) / 100) - 1]! / 1e6;

  it('close-wait-durations and close-durations, nearest rank', () => {
    const waits = db
      .prepare<[], { key: string; us: number }>(
        `SELECT ip || ' ' || port AS key, at_most_us AS us FROM close_waits
         WHERE endpoint = 'server' AND ended_by IN ('fin', 'reset-sent', 'reset-received') ORDER BY us`,
      )
      .all();
    const closes = db
      .prepare<[], { key: string; us: number }>(
        `SELECT server_port AS key, close_ended_us - close_started_us AS us FROM flows
         WHERE close_ended_us IS NOT NULL ORDER BY us`,
      )
      .all();
    const ranked = (rows: { key: string; us: number }[]) =>
      Object.fromEntries(
        grouped(rows, ({ key }) => String(key)).map(([key, some]) => {
          const sorted = some.map(({ us }) => us);
          return [key, [50, 90, 99, 100].map((percent) => nearestRank(sorted, percent))];
        }),
      );
    const percentiles = (row: Row) => [row.median_s, row.p90_s, row.p99_s, row.longest_s];
    const servers = ask(db, 'close-wait-durations', { limit: 10_000 }).filter(({ ended }) => ended !== 0);
    expect(
      Object.fromEntries(servers.map((row) => [`${row.server_ip} ${row.server_port}`, percentiles(row)])),
    ).toEqual(ranked(waits));
    const ports = ask(db, 'close-durations', { limit: 10_000 });
    expect(Object.fromEntries(ports.map((row) => [row.server_port, percentiles(row)]))).toEqual(
      ranked(closes),
    );
  });

  it('close-wait-leaks', () => {
    type Count = { endpoint: string; ip: string; port: number | null; standing: number; ended: number };
    const expected = db
      .prepare<[], Count>(
        `SELECT endpoint, ip, iif(endpoint = 'server', port, NULL) AS port, sum(ended_by = 'capture-end') AS standing,
           sum(ended_by IN ('fin', 'reset-sent', 'reset-received')) AS ended
         FROM close_waits GROUP BY 1, 2, 3 HAVING standing + ended > 0`,
      )
      .all();
    const asked = ask(db, 'close-wait-leaks', { limit: -1, slow_s: 0 });
    const counts = asked.map(({ endpoint, ip, port, standing, ended }) => ({
      endpoint,
      ip,
      port,
      standing,
      ended,
    }));
    expect(new Set(counts)).toEqual(new Set(expected));
  });

  it('state-durations', () => {
    const waits = db
      .prepare<[], { key: string; us: number | null }>(
        `SELECT endpoint || ' ' || state AS key, left_us - entered_us AS us FROM state_intervals
         WHERE state IN ('FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSING', 'CLOSE_WAIT', 'LAST_ACK')`,
      )
      .all();
    const expected = grouped(waits, ({ key }) => key).map(([key, some]) => {
      const ended = some.flatMap(({ us }) => (us === null ? [] : [us]));
      const longest = ended.length === 0 ? null : Math.max(...ended) / 1e6;
      return [key, [some.length, ended.length, longest, some.length - ended.length]];
    });
    const asked = ask(db, 'state-durations').map((row) => [
      `${row.endpoint} ${row.state}`,
      [row.entered, row.ended, row.longest_s, row.standing],
    ]);
    expect(Object.fromEntries(asked)).toEqual(Object.fromEntries(expected));
  });

  it('port-reuse', () => {
    type Use = { socket: string; key: string; first: number; ended: number };
    const uses = db
      .prepare<[], Use>(
        `SELECT client_ip || ' ' || server_ip || ' ' || server_port AS key, client_port AS socket,
           first_us AS first, coalesce(close_ended_us, last_us) AS ended FROM flows ORDER BY first_us`,
      )
      .all();
    const before = new Map<string, number>();
    const gaps: { key: string; us: number }[] = [];
    for (const { socket, key, first, ended } of uses) {
      const last = before.get(`${key} ${socket}`);
      if (last !== undefined) gaps.push({ key, us: Math.max(0, first - last) });
      before.set(`${key} ${socket}`, ended);
    }
    const expected = grouped(gaps, ({ key }) => key).map(([key, some]) => {
      const all = some.map(({ us }) => us / 1e6);
      return [key, [all.length, Math.min(...all), Math.max(...all)]];
    });
    const asked = ask(db, 'port-reuse', { limit: 10_000 }).map((row) => [
      `${row.client_ip} ${row.server_ip} ${row.server_port}`,
      [row.used_again, row.shortest_s, row.longest_s],
    ]);
    expect(Object.fromEntries(asked)).toEqual(Object.fromEntries(expected));
  });
});
