import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { NO_STATE } from '../../src/flow/rows/live-flows.ts';
import { readSpan } from '../../src/report/states/span.ts';
import { statesAt } from '../../src/report/states/states.ts';
import { Live } from '../../src/run/live.ts';
import { analyze } from '../../src/run/pipeline.ts';
import { opened, temporaryFolder } from '../record/database.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'captures');
const CAPTURES = readdirSync(FOLDER).filter((name) => /\.pcap(ng|\.gz)?$/.test(name));

function bytesOf(name: string): Buffer {
  const bytes = readFileSync(join(FOLDER, name));
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** A stream that gives a few bytes at a time, and does `between` before each piece. */
async function* pieces(bytes: Buffer, length: number, between: () => Promise<void>): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) {
    await between();
    yield bytes.subarray(at, at + length);
  }
}

/** All that the views show, without the columns that number rows and name files. */
function contents(path: string): Record<string, unknown[]> {
  const db = opened(path);
  const read = (sql: string) => db.prepare(sql).raw().all();
  const flow = 'JOIN flow_data AS d ON d.id = flow_id';
  return {
    flows: db
      .prepare('SELECT * FROM flows ORDER BY first_frame')
      .all()
      .map((row) => ({ ...(row as object), id: 0 })),
    states: read(
      `SELECT d.first_frame, endpoint, state, entered_us, left_us, entered_frame, evidence FROM state_intervals ${flow} ORDER BY 1, 2, 4, step`,
    ),
    segments: read(
      `SELECT d.first_frame, n, at_us, frame, endpoint, flags, seq, ack, len, meaning FROM close_segments ${flow} ORDER BY 1, 2`,
    ),
    timeWaits: read(
      `SELECT d.first_frame, endpoint, at_least_us, at_most_us, expected_us, ended_by, rearmed, evidence FROM time_waits ${flow} ORDER BY 1, 2`,
    ),
    closeWaits: read(
      `SELECT d.first_frame, endpoint, at_least_us, at_most_us, ended_by FROM close_waits ${flow} ORDER BY 1, 2`,
    ),
    counts: [readSpan(db)!.firstUs, readSpan(db)!.lastUs - 1].map((us) => [...statesAt(db, us, ALL).rows]),
  };
}

const ALL = { endpoint: undefined, network: undefined };

function newLive(target: string, append = false): Live {
  return new Live({ source: '-', target: () => target, append, timeWait: undefined });
}

describe('a stream written live ends as analyze has it', () => {
  it.each(CAPTURES)('%s', async (name) => {
    const folder = temporaryFolder();
    const [live, offline] = ['live.sqlite', 'offline.sqlite'].map((file) => join(folder, file));
    const capture = newLive(live!);
    await capture.run(Readable.from(pieces(bytesOf(name), 150, () => capture.commit())));
    await analyze([join(FOLDER, name)], { target: offline!, append: false, timeWait: undefined });
    expect(contents(live!)).toEqual(contents(offline!));
    expect(readdirSync(folder).sort()).toEqual(['live.sqlite', 'offline.sqlite']);
    expect(new Database(live!).pragma('integrity_check', { simple: true })).toBe('ok');
  });
});

describe('while it is written', () => {
  it('others see the states so far', async () => {
    const path = join(temporaryFolder(), 'live.sqlite');
    const capture = newLive(path);
    const seen: unknown[][] = [];
    const look = async () => {
      await capture.commit();
      await capture.settled();
      const db = opened(path);
      const span = readSpan(db);
      if (span !== undefined) seen.push([...statesAt(db, span.lastUs, ALL).rows]);
      db.close();
    };
    await capture.run(Readable.from(pieces(bytesOf('close-wait-leak.pcap'), 150, look)));
    expect(seen).toContainEqual([['SYN_SENT', 1, 0]]);
    expect(seen).toContainEqual([['ESTABLISHED', 1, 1]]);
    expect(seen.flat()).toContainEqual(['FIN_WAIT_2', 1, 0]);
    expect(seen.flat()).toContainEqual(['CLOSE_WAIT', 0, 1]);
  });

  it('counts the ends in each state as the database does', async () => {
    const path = join(temporaryFolder(), 'live.sqlite');
    const capture = newLive(path);
    let looks = 0;
    const look = async () => {
      await capture.commit();
      await capture.settled();
      const db = new Database(path, { readonly: true });
      const standing = db
        .prepare(
          `SELECT count(*) FROM live_flows, (SELECT 'client' AS end UNION SELECT 'server')
           WHERE observed IS NULL AND iif(end = 'client', client_state, server_state) <> ?`,
        )
        .pluck();
      expect(capture.tracker.live!.counts.reduce((a, b) => a + b)).toBe(standing.get(NO_STATE));
      looks++;
      db.close();
    };
    await capture.run(Readable.from(pieces(bytesOf('simultaneous-close.pcap'), 90, look)));
    expect(looks).toBeGreaterThan(10);
  });
});

describe('one after the other', () => {
  it('goes on in a database that is finished', async () => {
    const path = join(temporaryFolder(), 'live.sqlite');
    for (const [name, append] of [
      ['refused.pcap', false],
      ['close-wait-leak.pcap', true],
    ] as const) {
      await newLive(path, append).run(Readable.from([bytesOf(name)]));
    }
    const db = opened(path);
    expect(db.prepare('SELECT id, capture_id, close_kind FROM flows').raw().all()).toEqual([
      [1, 1, 'refused'],
      [2, 2, 'half'],
      [3, 2, 'half'],
      [4, 2, 'half'],
    ]);
    expect(db.prepare('SELECT ip FROM addresses').pluck().all()).toEqual(['10.9.1.2', '10.9.2.2']);
  });

  it('an existing database is refused without append', async () => {
    const path = join(temporaryFolder(), 'live.sqlite');
    await newLive(path).run(Readable.from([bytesOf('refused.pcap')]));
    expect(() => newLive(path)).toThrow(/exists; --append adds to it/);
  });
});
