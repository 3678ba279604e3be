import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATES, type StateName } from '../src/flow/format/words.ts';
import { analyze } from '../src/run/pipeline.ts';
import type { Expectation, ExpectedFlow } from './lab/scenarios/expect.ts';
import type { PathStep } from './lab/truth/truth.ts';

// Every recorded capture against what the kernels beside it did (captures/README.md).

const folder = new URL('../captures/', import.meta.url).pathname;
const work = mkdtempSync(join(tmpdir(), 'finwait-captures-'));
const expectations = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.expect.json'))
  .map((file): Expectation => JSON.parse(readFileSync(join(folder, file), 'utf8')));

/** What the near end's times may differ from the kernel's. */
const CLOSE_ENOUGH_US = 5_000;
const ENDS = ['client', 'server'] as const;

interface State {
  state: StateName;
  entered_us: number;
}

interface Row {
  id: number;
  client_ip: string;
  client_port: number;
  server_ip: string;
  server_port: number;
  close_kind: string;
  closed_first: string | null;
}

afterAll(() => rmSync(work, { recursive: true }));

function databaseOf({ file }: Pick<Expectation, 'file'>): string {
  return join(work, `${file.replace('/', '-')}.sqlite`);
}

/** The states that the packets can show of an end's path. */
function shownPath(flow: ExpectedFlow, end: (typeof ENDS)[number]): string[] {
  return flow.wire?.[end] ?? flow[`${end}_path`].map(({ state }) => state);
}

/** How flows went, and how many went so. */
function tally(ways: { kind: string; first: string | null; paths: string[][]; count: number }[]) {
  const counts: Record<string, number> = {};
  for (const { kind, first, paths, count } of ways) {
    const shown = paths.map((path) => withoutTimer(path).join(' '));
    const way = [kind, first, ...shown].join('; ');
    counts[way] = (counts[way] ?? 0) + count;
  }
  return counts;
}

/** The end of a TIME_WAIT or of an orphan's FIN_WAIT_2 is the kernel's alone: packets do not show it. */
function withoutTimer(states: readonly string[]): string[] {
  // Where there never was a socket, CLOSED is no state that a kernel would tell (RFC 9293 3.3.2).
  if (states.join() === 'CLOSED') return [];
  const mini = states.at(-1) === 'CLOSED' && ['TIME_WAIT', 'FIN_WAIT_2'].includes(states.at(-2) ?? '');
  return mini ? states.slice(0, -1) : [...states];
}

/** How far a time is from what the kernel says, 0 within its limits. */
function errorOf(step: PathStep, at: number): number {
  if ('at_us' in step) return Math.abs(at - step.at_us);
  return Math.max(0, (step.after_us ?? 0) - at, at - step.by_us);
}

describe.each(expectations)('$file: $phenomenon', (expectation) => {
  let db: Database.Database;
  let rows: Row[];

  beforeAll(async () => {
    const target = databaseOf(expectation);
    await analyze([join(folder, expectation.file)], { target, append: false, timeWait: undefined });
    db = new Database(target, { readonly: true });
    rows = db.prepare<[], Row>('SELECT * FROM flows ORDER BY first_us').all();
  });
  afterAll(() => db.close());

  const statesOf = (flow: number, end: string): State[] =>
    db
      .prepare<[number, string], State>(
        // That an end has given up is shown by no segment, and only to those who watch its host for long enough.
        "SELECT state, entered_us FROM state_intervals WHERE flow_id = ? AND endpoint = ? AND evidence <> 'gave-up'",
      )
      .all(flow, end)
      .sort((a, b) => a.entered_us - b.entered_us || STATES.indexOf(a.state) - STATES.indexOf(b.state));

  const { crowd } = expectation;
  it.runIf(crowd)('has as many flows of each way as the kernels had', () => {
    const ours = rows.map(({ id, close_kind, closed_first }) => ({
      kind: close_kind,
      first: closed_first,
      paths: ENDS.map((end) => statesOf(id, end).map(({ state }) => state)),
      count: 1,
    }));
    const theirs = crowd!.map(({ close_kind, closed_first, wire, client, server, count }) => ({
      kind: close_kind,
      first: closed_first,
      paths: [wire?.client ?? client, wire?.server ?? server],
      count,
    }));
    expect(tally(ours)).toEqual(tally(theirs));
  });
  if (crowd !== undefined) return;

  it('has the flows that there were, closed as they were', () => {
    expect(
      rows.map(({ id, ...row }) => ({
        client_ip: row.client_ip,
        client_port: row.client_port,
        server_ip: row.server_ip,
        server_port: row.server_port,
        close_kind: row.close_kind,
        closed_first: row.closed_first,
      })),
    ).toEqual(expectation.flows.map(({ client_path, server_path, wire, ...flow }) => flow));
  });

  describe.each(expectation.flows.map((flow, i) => ({ flow, i })))('flow $i', ({ flow, i }) => {
    it.each(ENDS)('%s goes the way of its kernel', (end) => {
      const ours = statesOf(rows[i]!.id, end).map(({ state }) => state);
      expect(withoutTimer(ours)).toEqual(withoutTimer(shownPath(flow, end)));
    });

    it.each(ENDS.filter((end) => end === expectation.captured_at))(
      '%s, where it was captured, enters its states when its kernel says',
      (end) => {
        const ours = statesOf(rows[i]!.id, end);
        for (const step of flow[`${end}_path`]) {
          const same = ours.find(({ state }) => state === step.state);
          if (same === undefined || step.state === 'CLOSED') continue;
          expect(errorOf(step, same.entered_us), step.state).toBeLessThan(CLOSE_ENOUGH_US);
        }
      },
    );
  });

  it('has the TIME_WAITs that the kernels had, for as long as they were seen', () => {
    const ours = db
      .prepare<[], Record<string, number | string>>(
        'SELECT endpoint, ip, port, peer_ip, peer_port, entered_us, at_most_us FROM time_waits ORDER BY entered_us',
      )
      .all();
    const ends = (wait: Record<string, unknown>) =>
      [wait.endpoint, wait.ip, wait.port, wait.peer_ip, wait.peer_port].join(' ');
    // Those of one end follow each other; those of two ends may begin at once.
    const theirs = [...expectation.time_waits].sort((a, b) => ends({ ...a }).localeCompare(ends({ ...b })));
    ours.sort((a, b) => ends(a).localeCompare(ends(b)));
    expect(ours.map(ends)).toEqual(theirs.map((wait) => ends({ ...wait })));
    theirs.forEach((wait, i) => {
      const { entered_us, at_most_us } = ours[i]!;
      if (wait.endpoint === expectation.captured_at) {
        expect(entered_us).toBeLessThan(wait.first_seen_us + CLOSE_ENOUGH_US);
      }
      if (at_most_us !== null) {
        expect(Number(entered_us) + Number(at_most_us)).toBeGreaterThan(wait.last_seen_us - CLOSE_ENOUGH_US);
      }
    });
  });
});

describe('frames', () => {
  const absent = process.env.CI !== 'true' && spawnSync('capinfos', ['--version']).error !== undefined;
  it.skipIf(absent)('are as many as capinfos counts', () => {
    const paths = expectations.map(({ file }) => join(folder, file));
    const counted = execFileSync('capinfos', ['-T', '-r', '-M', '-c', ...paths], { encoding: 'utf8' });
    const read = expectations.map(({ file }) => {
      const db = new Database(databaseOf({ file }), { readonly: true });
      const frames = db.prepare<[], number>('SELECT frames FROM captures').pluck().get();
      db.close();
      return `${join(folder, file)}\t${frames}`;
    });
    expect(counted.trim().split('\n')).toEqual(read);
  });
});
