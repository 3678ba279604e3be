import type Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { statesAt } from '../../../src/report/states/states.ts';
import type { Flow } from '../batches.ts';
import { FIN_FLOW } from '../flows.ts';
import { at, CLIENT, Run, SERVER, second, socket } from '../kernel-run.ts';

/** FIN_FLOW with its TIME_WAIT run out by the profile, 64 s after NOON. */
const EXPIRED: Flow = {
  ...FIN_FLOW,
  columns: {
    ...FIN_FLOW.columns,
    client_state: 'CLOSED',
    observed: 70 * second,
    client_time_wait_at_least: 0,
    client_time_wait_ended_by: 'expired',
    client_time_wait_evidence: 'profile',
  },
  clientLife: { ...FIN_FLOW.clientLife, CLOSED: [64 * second, Number.NaN, 'timer'] },
};
const PROVEN: Flow = {
  ...EXPIRED,
  columns: {
    ...EXPIRED.columns,
    client_time_wait_ended_by: 'reopened',
    client_time_wait_evidence: 'syn-accepted',
    client_time_wait_at_most: 60 * second,
  },
};

const sockets = (db: Database.Database, columns = '*') =>
  db.prepare<[], Record<string, unknown>>(`SELECT ${columns} FROM kernel_sockets ORDER BY id`).all();
const timeWait = (db: Database.Database) => db.prepare('SELECT * FROM time_waits').get();
const endOf = (db: Database.Database) =>
  db
    .prepare(
      `SELECT state, entered_us, left_us, evidence, client_state FROM state_intervals JOIN flows ON id = flow_id
       WHERE endpoint = 'client' ORDER BY step DESC LIMIT 1`,
    )
    .get();

describe('a socket of the kernel', () => {
  it('is shown with its flow while the capture runs', () => {
    const run = new Run().flows(FIN_FLOW).sample(5, socket()).sample(9);
    expect(sockets(run.commit())).toEqual([
      {
        ...{ id: 1, capture_id: 1, ip: '10.0.0.1', port: 40_000, peer_ip: '10.0.0.2', peer_port: 80 },
        ...{ state: 'TIME_WAIT', first_seen_us: at(4.2), last_seen_us: at(9), gone_us: null },
        ...{ timer: 'time-wait', timer_us: 59_800_000, uid: 33, pid: 7, program: 'nginx', in_backlog: 0 },
        ...{ unread: 0, unsent: 0, flow_id: 1, endpoint: 'client' },
      },
    ]);
  });

  it('may be the server, and of IPv6', () => {
    const words = [0xfd00_0009, 0x0001_0000, 0, 2] satisfies [number, number, number, number];
    const db = new Run()
      .flows(FIN_FLOW)
      .sample(5, socket({ local: SERVER, peer: CLIENT }), socket({ id: 2, local: { words, port: 1 } }))
      .commit();
    expect(sockets(db, 'ip, flow_id, endpoint')).toEqual([
      { ip: '10.0.0.2', flow_id: 1, endpoint: 'server' },
      { ip: 'fd00:9:1::2', flow_id: null, endpoint: null },
    ]);
  });

  it('finds a flow whose packets come later', () => {
    const run = new Run().sample(5, socket());
    expect(sockets(run.commit(), 'flow_id')).toEqual([{ flow_id: null }]);
    for (let commits = 0; commits < 20; commits++) run.sample(6 + commits).commit();
    const late = { ...FIN_FLOW, columns: { ...FIN_FLOW.columns, first: at(20) } };
    run.sample(30).flows(late);
    expect(sockets(run.commit(), 'flow_id')).toEqual([{ flow_id: 1 }]);
    expect(sockets(run.finish(), 'flow_id')).toEqual([{ flow_id: 1 }]);
  });

  it.each([
    ['another port', { columns: { client_port: 40_001 } }],
    ['another address', { client: '10.0.0.3' }],
    ['flow that was over before it was seen', { columns: { observed: 4 * second } }],
    ['flow that began when it was gone', { columns: { first: at(30) } }],
  ])('has no flow of %s', (_, other: Flow) => {
    const flow = { ...FIN_FLOW, ...other, columns: { ...FIN_FLOW.columns, ...other.columns } };
    const gone = socket({ lastSeenUs: at(20), goneUs: at(20.5) });
    expect(sockets(new Run().flows(flow).sample(21, gone).finish(), 'flow_id')).toEqual([{ flow_id: null }]);
  });

  it('keeps its flow when the next one of its addresses has begun', () => {
    const next: Flow = { ...FIN_FLOW, columns: { first: at(19), client_port: 40_000, observed: second } };
    const run = new Run().flows(FIN_FLOW).sample(5, socket());
    run.commit();
    run.flows(FIN_FLOW, next).sample(20, socket({ lastSeenUs: at(18), goneUs: at(18.5) }));
    expect(sockets(run.finish(), 'flow_id, last_seen_us, gone_us')).toEqual([
      { flow_id: 1, last_seen_us: at(18), gone_us: at(18.5) },
    ]);
  });

  it('and how often the kernel was asked', () => {
    const db = new Run().sample(5).sample(5.5).sample(7).finish();
    expect(db.prepare('SELECT * FROM kernel_samples').all()).toEqual([
      { capture_id: 1, first_us: at(5), last_us: at(7), samples: 3, longest_us: 1.5 * second },
    ]);
  });

  it('of another capture comes behind, and is judged with its own flows', () => {
    const run = new Run().flows(FIN_FLOW).sample(5, socket());
    run.finish();
    run.again();
    run.sample(100, socket({ firstSeenUs: at(100), state: 'CLOSE_WAIT' }));
    expect(sockets(run.finish(), 'id, capture_id, state, last_seen_us, flow_id')).toEqual([
      { id: 1, capture_id: 1, state: 'TIME_WAIT', last_seen_us: at(5), flow_id: 1 },
      { id: 2, capture_id: 2, state: 'CLOSE_WAIT', last_seen_us: at(100), flow_id: null },
    ]);
  });
});

describe('a TIME_WAIT that the kernel had', () => {
  const GONE = socket({ lastSeenUs: at(64.5), goneUs: at(65) });

  it.each([
    ['that the profile ended', EXPIRED],
    ['that stood at the end of the capture', FIN_FLOW],
  ])('%s, ended when it was gone', (_, flow) => {
    const db = new Run().flows(flow).sample(66, GONE).finish();
    expect(timeWait(db)).toMatchObject({
      ...{ ended_by: 'kernel', evidence: 'kernel', at_least_us: 60.5 * second, at_most_us: 61 * second },
      ...{ entered_us: at(4), expected_us: 60 * second, profile: 'linux' },
    });
    const closed = { state: 'CLOSED', entered_us: at(65), left_us: null, evidence: 'kernel' };
    expect(endOf(db)).toEqual({ ...closed, client_state: 'CLOSED' });
  });

  it('is in the order of its life, and leaves the other states as they were', () => {
    const life = (db: Database.Database) =>
      db
        .prepare(
          `SELECT endpoint, state, entered_us, evidence FROM state_intervals
           WHERE NOT (endpoint = 'client' AND state = 'CLOSED') ORDER BY endpoint, entered_us, step`,
        )
        .all();
    const db = new Run().flows(EXPIRED).sample(66, GONE).finish();
    expect(life(db)).toEqual(life(new Run().flows(EXPIRED).finish()));
    const path = db
      .prepare("SELECT state FROM state_intervals WHERE endpoint = 'client' ORDER BY entered_us, step")
      .pluck();
    expect(path.all().slice(-2)).toEqual(['TIME_WAIT', 'CLOSED']);
  });

  it('that still stood, when by the profile it was over, had not ended', () => {
    const db = new Run().flows(EXPIRED).sample(66, socket()).sample(69).finish();
    expect(timeWait(db)).toMatchObject({
      ...{ ended_by: 'capture-end', evidence: 'kernel', at_least_us: 65 * second, at_most_us: null },
    });
    const standing = { state: 'TIME_WAIT', entered_us: at(4), left_us: null, evidence: 'acked' };
    expect(endOf(db)).toEqual({ ...standing, client_state: 'TIME_WAIT' });
  });

  it('that still stood in the last reading, before its time by the profile, is left as it is', () => {
    const db = new Run().flows(EXPIRED).sample(60, socket()).finish();
    expect(timeWait(db)).toMatchObject({ ended_by: 'expired', evidence: 'profile' });
  });

  it('gives way to what a packet proves', () => {
    const db = new Run().flows(PROVEN).sample(66, GONE).finish();
    expect(timeWait(db)).toMatchObject({ ended_by: 'reopened', evidence: 'syn-accepted' });
  });

  it('of the peer is none of this end', () => {
    const other = { ...GONE, local: SERVER, peer: CLIENT };
    const db = new Run().flows(FIN_FLOW).sample(66, other).finish();
    expect(timeWait(db)).toMatchObject({ ended_by: 'capture-end', evidence: 'none' });
  });

  it('counts as standing until then, and no longer', () => {
    const db = new Run().flows(EXPIRED).sample(66, GONE).finish();
    const flow = db.prepare('SELECT observed_us FROM flows').pluck().get();
    expect(flow).toBe(at(70));
    const short = new Run().flows(FIN_FLOW).sample(66, GONE).finish();
    expect(short.prepare('SELECT observed_us FROM flows').pluck().get()).toBe(at(65));
  });

  it('is settled also where the capture was killed', () => {
    const run = new Run().flows(EXPIRED).sample(66, GONE);
    run.commit();
    run.kill();
    run.again();
    const db = run.finish();
    expect(timeWait(db)).toMatchObject({ ended_by: 'kernel', at_most_us: 61 * second });
  });
});

/** Met at its client's FIN, 4 s after NOON: packets do not show who had closed before. */
const MET: Flow = {
  columns: {
    ...{ first: at(4), observed: 66 * second, role_evidence: 'lower-port', close_kind: 'half' },
    ...{ close_started: 0, client_fin: 0, client_isn: Number.NaN, server_isn: Number.NaN },
    ...{ client_state: 'UNKNOWN', server_state: 'UNKNOWN' },
  },
  clientLife: { UNKNOWN: [0, 1, 'mid-stream'] },
  serverLife: { UNKNOWN: [0, 1, 'mid-stream'] },
};

/** A socket of its server, from one second to another; the last readings of a state and without it are half a second apart. */
const held = (id: number, state: string, from: number, until?: number) =>
  socket({
    ...{ id, state, local: SERVER, peer: CLIENT, firstSeenUs: at(from), timerUs: 50 * second },
    ...(until === undefined ? {} : { lastSeenUs: at(until), goneUs: at(until + 0.5) }),
  });

describe('of an end whose state packets do not show the kernel says', () => {
  const pathOf = (db: Database.Database) =>
    db
      .prepare<[], string>(
        `SELECT concat_ws(' ', state, (entered_us - ${at(4)}) / 1e6, evidence) FROM state_intervals
         WHERE endpoint = 'server' ORDER BY entered_us, step`,
      )
      .pluck()
      .all();
  const last = (db: Database.Database) =>
    db.prepare('SELECT client_state, server_state, closed_first FROM flows').get();

  it.each([
    [
      'that it stood in CLOSE_WAIT since the FIN',
      [held(1, 'ESTABLISHED', 1, 3.8), held(2, 'CLOSE_WAIT', 4.3)],
      ['CLOSE_WAIT 0.0 kernel'],
      'client',
    ],
    [
      'that it was in CLOSE_WAIT, then in LAST_ACK, and is gone',
      [held(1, 'CLOSE_WAIT', 4.3, 6), held(2, 'LAST_ACK', 6.5, 7)],
      ['CLOSE_WAIT 0.0 kernel', 'LAST_ACK 2.5 kernel', 'CLOSED 3.5 kernel'],
      'client',
    ],
    ['that it had closed before', [held(1, 'FIN_WAIT_2', 1)], ['FIN_WAIT_2 0.0 kernel'], 'server'],
    [
      'that its own close was over, and only TIME_WAIT left',
      [held(1, 'FIN_WAIT_2', 1, 3.8), held(2, 'TIME_WAIT', 4.3)],
      ['TIME_WAIT 0.0 kernel'],
      'server',
    ],
    [
      'when that TIME_WAIT ended',
      [held(1, 'TIME_WAIT', 4.3, 60)],
      ['TIME_WAIT 0.0 kernel', 'CLOSED 56.5 kernel'],
      'server',
    ],
    [
      'that the FIN ended it: it was gone at the next reading',
      [held(1, 'CLOSE_WAIT', 1, 3.7)],
      ['UNKNOWN 0.0 mid-stream', 'CLOSED 0.2 kernel'],
      null,
    ],
    ['nothing of what it had lost before', [held(1, 'CLOSE_WAIT', 1, 2)], ['UNKNOWN 0.0 mid-stream'], null],
    [
      'nothing of the time before it was asked',
      [held(1, 'CLOSE_WAIT', 9)],
      ['CLOSE_WAIT 5.0 kernel'],
      'client',
    ],
    ['nothing without such a socket', [], ['UNKNOWN 0.0 mid-stream'], null],
  ])('%s', (_, rows, path, closedFirst) => {
    const run = new Run().flows(MET).sample(1);
    for (let seconds = 1.5; seconds < 66; seconds += 0.5) run.sample(seconds);
    const db = run.sample(66, ...rows).finish();
    expect(pathOf(db)).toEqual(path);
    expect(last(db)).toEqual({
      client_state: 'UNKNOWN',
      server_state: path.at(-1)!.split(' ')[0],
      closed_first: closedFirst,
    });
  });

  it('what packets do not show only: what they show stays', () => {
    const met: Flow = {
      ...MET,
      serverLife: {
        ESTABLISHED: [0, 1, 'mid-stream'],
        UNKNOWN: [second, 2, 'filtered'],
        CLOSED: [9 * second, 7, 'rst-received'],
      },
      columns: { ...MET.columns, server_state: 'CLOSED' },
    };
    const run = new Run().flows(met);
    for (let seconds = 1; seconds < 66; seconds += 0.5) run.sample(seconds);
    const rows = [held(1, 'ESTABLISHED', 1, 4.9), held(2, 'CLOSE_WAIT', 5.3, 12.6)];
    expect(pathOf(run.sample(66, ...rows).finish())).toEqual([
      'ESTABLISHED 0.0 mid-stream',
      'CLOSE_WAIT 1.0 kernel',
      'CLOSED 9.0 rst-received',
    ]);
  });

  it('no state that comes before one that packets show', () => {
    const met = { ...MET, serverLife: { ...MET.serverLife, FIN_WAIT_1: [0, 1, 'inferred'] } } satisfies Flow;
    const db = new Run()
      .flows(met)
      .sample(1)
      .sample(4.4, held(1, 'ESTABLISHED', 1))
      .finish();
    expect(pathOf(db)).toEqual(['FIN_WAIT_1 0.0 inferred', 'UNKNOWN 0.0 mid-stream']);
  });

  it('what the views count: a CLOSE_WAIT that stands, a TIME_WAIT with its end', () => {
    const waits = (db: Database.Database, view: string) =>
      db
        .prepare(`SELECT endpoint, ip, peer_port, entered_us, at_least_us, at_most_us, ended_by FROM ${view}`)
        .all();
    const end = { endpoint: 'server', ip: '10.0.0.2', peer_port: 40_000, entered_us: at(4) };
    const leak = new Run()
      .flows(MET)
      .sample(4)
      .sample(66, held(1, 'CLOSE_WAIT', 1))
      .finish();
    expect(waits(leak, 'close_waits')).toEqual([
      { ...end, at_least_us: 66 * second, at_most_us: null, ended_by: 'capture-end' },
    ]);
    const gone = new Run()
      .flows(MET)
      .sample(4)
      .sample(66, held(1, 'TIME_WAIT', 1, 60))
      .finish();
    expect(waits(gone, 'time_waits')).toEqual([
      { ...end, at_least_us: 56 * second, at_most_us: 56.5 * second, ended_by: 'kernel' },
    ]);
    expect(gone.prepare('SELECT expected_us, evidence, rearmed FROM time_waits').get()).toEqual({
      expected_us: 47 * second,
      evidence: 'kernel',
      rearmed: 0,
    });
    const counts = statesAt(leak, at(30), { endpoint: undefined, network: undefined });
    expect([...counts.rows]).toEqual([
      ['CLOSE_WAIT', 0, 1],
      ['UNKNOWN', 1, 0],
    ]);
  });
});

it('a finished database keeps nothing of the work on it', () => {
  const names = (db: Database.Database) =>
    db.prepare('SELECT name FROM sqlite_schema ORDER BY name').pluck().all();
  const db = new Run().flows(EXPIRED).sample(66, socket()).finish();
  expect(names(db)).toEqual(names(new Run().flows(EXPIRED).finish()));
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
});
