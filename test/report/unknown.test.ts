import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATES } from '../../src/flow/format/words.ts';
import { diagnose } from '../../src/report/diagnose/diagnose.ts';
import { namedQueries, namedQuery } from '../../src/report/named-query.ts';
import { readReport } from '../../src/report/summary/report.ts';
import { reportSections } from '../../src/report/summary/report-sections.ts';
import { analyze } from '../../src/run/pipeline.ts';
import { capturesUnder } from '../examples.ts';
import type { Flow } from '../record/batches.ts';
import { writeDatabase } from '../record/database.ts';
import { ROOT } from '../terminal/finwait.ts';

// An end whose state packets do not show stands in none, however it came to that: nothing that counts states, or
// what waits in them, says anything else of a database than of the same without the connections of such ends.

const second = 1_000_000;
const folder = mkdtempSync(join(tmpdir(), 'finwait-unknown-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Connections whose ends were in each state of a close before they were unknown, for a second. */
const AFTER_EACH: Flow[] = STATES.slice(STATES.indexOf('FIN_WAIT_1'), STATES.indexOf('UNKNOWN'))
  .filter((state) => state !== 'TIME_WAIT')
  .flatMap((state) =>
    Array.from({ length: 4 }, (_, i): Flow => {
      const life = {
        [state]: [second, 2, 'inferred'],
        UNKNOWN: [2 * second, 3, 'hole'],
      } satisfies Flow['clientLife'];
      const ends = { client_state: 'UNKNOWN', server_state: 'UNKNOWN', observed: 200 * second };
      const kind = i % 2 === 0 ? 'half' : 'fin-unacked';
      const close = { close_kind: kind, close_started: second, client_fin: second, client_fins: 1 };
      return { columns: { ...ends, ...close, client_bytes: 100 }, clientLife: life, serverLife: life };
    }),
  );

/** Queries that count states or what waits in them, and the columns that do. */
const ASKED: Record<string, string[] | undefined> = {
  'close-wait-durations': undefined,
  'close-wait-leaks': undefined,
  'fin-wait-2-stuck': undefined,
  'half-closes': undefined,
  'last-ack-missing': undefined,
  'longest-closes': undefined,
  'ports-in-use': undefined,
  'state-durations': ['endpoint', 'state', 'ended', 'longest_s', 'standing'],
  'states-at': ['state', 'clients', 'servers'],
  'time-wait-durations': undefined,
  'time-wait-holders': undefined,
  'time-wait-peaks': undefined,
  'time-waits-over-time': undefined,
};
/** Queries that count connections or segments, and those whose rows are what states an end has been in. */
const NOT_ASKED = [
  ...['captures', 'close-durations', 'close-kinds', 'closed-first', 'closed-first-by-port', 'conn-log'],
  ...['flow-segments', 'flow-states', 'kernel-close-waits', 'kernel-sockets', 'port-reuse', 'refused-syns'],
  ...['reset-senders', 'resets', 'retransmitted-fins', 'servers', 'simultaneous-closes', 'skipped-frames'],
  ...['state-peaks', 'unanswered-syns'],
];
const FINDINGS = [
  'close-wait-leak',
  'fin-wait-2-stuck',
  'last-ack-lost',
  'port-exhaustion',
  'time-wait-pile-up',
];
const SECTIONS = ['standing', 'holders', 'time_wait_ends', 'durations'];

/** All captures without their first frames, a part of them. */
function cutCaptures(part: number): string[] {
  return (
    capturesUnder(join(ROOT, 'captures'))
      // The ends of capture-holes were in known states up to its holes, and count there.
      .filter((path) => !path.includes('.pcapng') && !path.includes('capture-holes'))
      .map((path, i) => {
        const bytes = path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path);
        const starts: number[] = [];
        for (let at = 24; at + 16 <= bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) starts.push(at);
        const from = starts[Math.floor(starts.length * part)] ?? bytes.length;
        const cut = join(folder, `${part}-${i}-${basename(path).replace('.gz', '')}`);
        writeFileSync(cut, Buffer.concat([bytes.subarray(0, 24), bytes.subarray(from)]));
        return cut;
      })
  );
}

describe.each([
  ['ends that were in each state before', undefined],
  ['the captures', 0],
  ['the captures, begun later', 0.3],
  ['the captures, begun amid most closes', 0.6],
])('%s', (name, part) => {
  let all: Database.Database;
  let known: Database.Database;

  beforeAll(async () => {
    const path = join(folder, `${name}.sqlite`);
    if (part === undefined) writeDatabase(path, AFTER_EACH);
    else await analyze(cutCaptures(part), { target: path, append: false, timeWait: undefined });
    copyFileSync(path, `${path}.known`);
    all = new Database(path);
    known = new Database(`${path}.known`);
    const unknown = STATES.indexOf('UNKNOWN');
    const { changes } = known
      .prepare(`DELETE FROM flow_data WHERE client_state = ${unknown} OR server_state = ${unknown}`)
      .run();
    if (part !== 0) expect(changes).toBeGreaterThan(0);
  });
  afterAll(() => {
    all.close();
    known.close();
  });

  it.each(Object.entries(ASKED))('query %s', (query, columns) => {
    const rows = (db: Database.Database) => {
      const { sql, parameters } = namedQuery(query)!;
      const none = Object.fromEntries(parameters.map((each) => [each.name, null]));
      return db
        .prepare<[object], Record<string, unknown>>(sql)
        .all(none)
        .map((row) => Object.entries(row).filter(([column]) => columns?.includes(column) ?? true))
        .filter((row) => !isOfNone(Object.fromEntries(row)));
    };
    expect(rows(all)).toEqual(rows(known));
  });

  it.each(SECTIONS)('section %s of the report', (section) => {
    const rows = (db: Database.Database) =>
      reportSections(readReport(db, 5)).find((each) => each.name === section)?.rows;
    expect(rows(all)).toEqual(rows(known));
  });

  it('findings on states', () => {
    const found = (db: Database.Database) =>
      diagnose(db, { only: FINDINGS, thresholds: { 'close-wait-count': 1 } }).findings.map(
        ({ code, subject, count }) => `${code} ${subject} ${count}`,
      );
    expect(found(all)).toEqual(found(known));
  });
});

/** A row of the ends left out, also of their peers that are open; or of a state in which none stood or ended. */
function isOfNone(row: Record<string, unknown>): boolean {
  return row.state === 'UNKNOWN' || row.state === 'ESTABLISHED' || (row.standing === 0 && row.ended === 0);
}

it('every query is asked, or says nothing of the states of now', () => {
  const names = namedQueries().map((query) => query.name);
  expect([...Object.keys(ASKED), ...NOT_ASKED].sort()).toEqual(names.sort());
});
