import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { APPLICATION_ID, SCHEMA_VERSION } from '../../../src/record/files/database-file.ts';
import { captureOf, type Flow, NOON } from '../batches.ts';
import { databaseOf, temporaryFolder, writeDatabase } from '../database.ts';
import { FIN_FLOW, LEAK_FLOW, RESET_FLOW } from '../flows.ts';
import { lacks } from '../program.ts';

/** What users were promised, word for word; more columns may follow. */
const CONTRACT = {
  captures: 'id, path, format, link_types, first_us, last_us, frames, tcp_segments, skipped, truncated',
  flows:
    'id, capture_id, client_ip, client_port, server_ip, server_port, role_evidence, first_us, last_us, ' +
    'opened_us, close_kind, closed_first, close_started_us, close_ended_us, reset_by, reset_kind, ' +
    'client_state, server_state, client_fin_us, server_fin_us, client_fins, server_fins, client_rsts, ' +
    'server_rsts, client_bytes, server_bytes, client_segments, server_segments, client_retransmissions, ' +
    'server_retransmissions, zeek_conn_state, zeek_history, wireshark_completeness',
  state_intervals:
    'flow_id, endpoint, state, entered_us, left_us, entered_frame, evidence, entered_capture_id, step',
  close_segments: 'flow_id, n, at_us, frame, endpoint, flags, seq, ack, len, meaning',
  time_waits:
    'flow_id, endpoint, ip, port, peer_ip, peer_port, entered_us, at_least_us, at_most_us, expected_us, ended_by, rearmed',
  close_waits:
    'flow_id, endpoint, ip, port, peer_ip, peer_port, entered_us, left_us, at_least_us, at_most_us, ended_by',
};

describe('the contract', () => {
  it.each(Object.entries(CONTRACT))('%s has its columns', (name, columns) => {
    const promised = columns.split(', ');
    const found = databaseOf([]).prepare(`SELECT name FROM pragma_table_info(?)`).pluck().all(name);
    expect(found.slice(0, promised.length)).toEqual(promised);
  });

  it.each([...Object.keys(CONTRACT), 'flow_data', 'addresses'])(
    '%s says in .schema what each column is',
    (name) => {
      const db = databaseOf([]);
      const sql = db.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').pluck().get(name) as string;
      const columns = db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(name) as string[];
      const undocumented = columns.filter((column) => !new RegExp(`^  ${column}\\b.* -- \\S`, 'm').test(sql));
      expect(undocumented).toEqual([]);
    },
  );

  it('of a version has just these tables and columns: with others it needs a new SCHEMA_VERSION', () => {
    const db = databaseOf([]);
    const names = db
      .prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name")
      .pluck();
    const columns = db.prepare('SELECT name, type FROM pragma_table_info(?)').raw();
    const shape = (names.all() as string[]).map((name) => [name, columns.all(name)]);
    const digest = createHash('sha256').update(JSON.stringify(shape)).digest('hex').slice(0, 16);
    expect({ version: SCHEMA_VERSION, digest }).toEqual({ version: 3, digest: '32f9680900fdf3b5' });
  });

  it('names itself by application_id and user_version', () => {
    const db = databaseOf([]);
    expect(db.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
    expect(db.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
  });
});

describe('views', () => {
  it('show a flow in words and absolute times', () => {
    expect(databaseOf([FIN_FLOW]).prepare('SELECT * FROM flows').get()).toMatchObject({
      id: 1,
      capture_id: 1,
      client_ip: '10.0.0.1',
      client_port: 40_000,
      server_ip: '10.0.0.2',
      server_port: 80,
      role_evidence: 'syn',
      first_us: NOON,
      last_us: NOON + 4_000_000,
      opened_us: NOON + 300,
      close_kind: 'fin',
      closed_first: 'client',
      reset_by: null,
      client_state: 'TIME_WAIT',
      server_fin_us: null,
      server_rsts: 0,
      zeek_history: 'ShADadFaf',
      first_frame: 1,
      evicted: 0,
    });
  });

  it('tell the life of an endpoint', () => {
    const life = databaseOf([FIN_FLOW])
      .prepare(
        `SELECT state, entered_us - ${NOON}, left_us - ${NOON}, entered_frame, evidence
         FROM state_intervals WHERE endpoint = 'client' ORDER BY entered_us, step`,
      )
      .raw()
      .all();
    expect(life).toEqual([
      ['SYN_SENT', 0, 100, 1, 'sent'],
      ['ESTABLISHED', 100, 1_000_000, 2, 'acked'],
      ['FIN_WAIT_1', 1_000_000, 1_000_050, 8, 'sent'],
      ['FIN_WAIT_2', 1_000_050, 4_000_000, 9, 'acked'],
      ['TIME_WAIT', 4_000_000, null, 10, 'acked'],
    ]);
  });

  it('number the states of a life, also of those that one segment shows', () => {
    const tied: Flow = {
      clientLife: {
        FIN_WAIT_1: [10, 1, 'sent'],
        FIN_WAIT_2: [20, 2, 'acked'],
        TIME_WAIT: [20, 2, 'acked'],
        CLOSED: [90, 2, 'timer'],
      },
    };
    const life = databaseOf([tied])
      .prepare('SELECT step, state FROM state_intervals ORDER BY entered_us, step')
      .raw()
      .all();
    expect(life).toEqual([
      [1, 'FIN_WAIT_1'],
      [2, 'FIN_WAIT_2'],
      [3, 'TIME_WAIT'],
      [4, 'CLOSED'],
    ]);
  });

  it('count the duplicates of both ends', () => {
    const columns = { client_duplicates: 3, server_duplicates: 4 };
    const flow = databaseOf([{ columns }]).prepare('SELECT * FROM flows').get();
    expect(flow).toMatchObject(columns);
  });

  it('leave CLOSED open, and the last evidence code readable', () => {
    const closed = databaseOf([RESET_FLOW])
      .prepare(`SELECT left_us, evidence FROM state_intervals WHERE state = 'CLOSED' AND endpoint = 'server'`)
      .get();
    expect(closed).toEqual({ left_us: null, evidence: 'rst-sent' });
  });

  it('list the close segments', () => {
    const segments = databaseOf([LEAK_FLOW, FIN_FLOW])
      .prepare(
        `SELECT flow_id, n, at_us - ${NOON}, frame, endpoint, flags, seq, ack, len, meaning FROM close_segments`,
      )
      .raw()
      .all();
    expect(segments).toEqual([
      [2, 1, 0, 1, 'client', 'SYN', 0, null, 0, 'SYN'],
      [2, 2, 1_000_000, 8, 'client', 'FIN,ACK', 311, 4101, 0, 'FIN'],
      [2, 3, 1_000_050, 9, 'server', 'ACK', 4101, 312, 0, 'ACK of FIN'],
    ]);
  });

  it('say what is known of a TIME_WAIT', () => {
    expect(databaseOf([FIN_FLOW]).prepare('SELECT * FROM time_waits').all()).toEqual([
      {
        flow_id: 1,
        endpoint: 'client',
        ip: '10.0.0.1',
        port: 40_000,
        peer_ip: '10.0.0.2',
        peer_port: 80,
        entered_us: NOON + 4_000_000,
        at_least_us: 16_000_000,
        at_most_us: null,
        expected_us: 60_000_000,
        ended_by: 'capture-end',
        rearmed: 1,
        evidence: 'none',
        profile: 'linux',
        profile_evidence: 'default',
      },
    ]);
  });

  it.each([
    ['fin', FIN_FLOW, 2_999_900, 2_999_900],
    ['capture-end', LEAK_FLOW, 30_000_000, null],
    ['reset-sent', RESET_FLOW, 2_000_000, 2_000_000],
    ['evicted', { ...LEAK_FLOW, columns: { ...LEAK_FLOW.columns, evicted: 1 } }, 30_000_000, null],
    [
      'reset-received',
      { serverLife: { CLOSE_WAIT: [10, 1, 'acked'], CLOSED: [30, 2, 'rst-received'] } },
      20,
      20,
    ],
  ] as const)('end a CLOSE_WAIT by %s', (endedBy, flow, atLeast, atMost) => {
    const wait = databaseOf([flow])
      .prepare('SELECT ended_by, at_least_us, at_most_us FROM close_waits')
      .get();
    expect(wait).toEqual({ ended_by: endedBy, at_least_us: atLeast, at_most_us: atMost });
  });

  it('number frames by their file, also past an empty one', () => {
    const captures = [
      captureOf({ path: 'a', frames: 5 }),
      captureOf({ path: 'empty', frames: 0, frameBase: 5 }),
      captureOf({ path: 'c', frames: 100, frameBase: 5 }),
    ];
    const frames = databaseOf([FIN_FLOW], captures)
      .prepare(
        `SELECT state, entered_capture_id, entered_frame FROM state_intervals WHERE endpoint = 'server'`,
      )
      .raw()
      .all();
    expect(frames).toEqual([
      ['SYN_RECEIVED', 1, 1],
      ['ESTABLISHED', 1, 3],
      ['CLOSE_WAIT', 3, 3],
      ['LAST_ACK', 3, 5],
      ['CLOSED', 3, 6],
    ]);
    const segments = databaseOf([FIN_FLOW], captures)
      .prepare('SELECT capture_id, frame FROM close_segments')
      .raw();
    expect(segments.all()).toEqual([
      [1, 1],
      [3, 3],
      [3, 4],
    ]);
  });
});

describe('plans', () => {
  it('reads one flow by its key in all arms of state_intervals', () => {
    const plan = databaseOf([FIN_FLOW])
      .prepare('EXPLAIN QUERY PLAN SELECT state, entered_us FROM state_intervals WHERE flow_id = 1')
      .all() as { detail: string }[];
    expect(plan.filter(({ detail }) => detail.startsWith('SCAN'))).toEqual([]);
    expect(plan.filter(({ detail }) => detail.startsWith('SEARCH f USING INTEGER PRIMARY KEY'))).toHaveLength(
      22,
    );
  });
});

describe.skipIf(lacks('sqlite3'))('the plain sqlite3 shell (needs the program sqlite3)', () => {
  it('reads every view', () => {
    const path = join(temporaryFolder(), 'shell.sqlite');
    writeDatabase(path, [FIN_FLOW, LEAK_FLOW]);
    const sql = Object.keys(CONTRACT).map(
      (name) => `SELECT '${name}', count(*) FROM (SELECT * FROM ${name});`,
    );
    expect(
      execFileSync('sqlite3', [path, sql.join('')], { encoding: 'utf8' })
        .trim()
        .split('\n'),
    ).toEqual([
      'captures|1',
      'flows|2',
      'state_intervals|15',
      'close_segments|3',
      'time_waits|1',
      'close_waits|2',
    ]);
  });

  it('finds nothing wrong with the file', () => {
    const path = join(temporaryFolder(), 'shell.sqlite');
    writeDatabase(path, [FIN_FLOW, LEAK_FLOW, RESET_FLOW]);
    expect(execFileSync('sqlite3', [path, 'PRAGMA integrity_check'], { encoding: 'utf8' })).toBe('ok\n');
  });
});
