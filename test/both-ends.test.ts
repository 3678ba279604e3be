import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { analyze } from '../src/run/pipeline.ts';
import { EXAMPLES } from './examples.ts';
import { temporaryFolder } from './record/database.ts';

// The captures of both ends of the same connections, merged by time: each connection is to be said once, with what the
// client sent as its end's capture shows it, and the same for the server.

const CAPTURES = join(import.meta.dirname, '..', 'captures');

const PAIRS: readonly [name: string, client: string, server: string][] = [
  ...['lossy-fin-retransmitted', 'last-ack-lost'].map((name): [string, string, string] => [
    name,
    join(CAPTURES, `${name}-client.pcap`),
    join(CAPTURES, `${name}-server.pcap`),
  ]),
  ['kernel', join(EXAMPLES, 'kernel', 'client.pcap'), join(EXAMPLES, 'kernel', 'server.pcap')],
];

/** Two pcap files of this machine's byte order as one, in order of time, as mergecap makes it. */
function merged(one: string, other: string): string {
  const header = readFileSync(one).subarray(0, 24);
  const records = [one, other].flatMap((path) => {
    return recordsOf(readFileSync(path));
  });
  const time = (record: Buffer) => record.readUInt32LE(0) * 1e6 + record.readUInt32LE(4);
  records.sort((a, b) => time(a) - time(b));
  const path = join(temporaryFolder(), 'merged.pcap');
  writeFileSync(path, Buffer.concat([header, ...records]));
  return path;
}

function recordsOf(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 24; at < bytes.length; ) {
    const end = at + 16 + bytes.readUInt32LE(at + 8);
    found.push(bytes.subarray(at, end));
    at = end;
  }
  return found;
}

type Rows = Record<string, number | string | null>[];

async function ask(capture: string, sql: string): Promise<Rows> {
  const target = join(temporaryFolder(), 'one.sqlite');
  await analyze([capture], { target, append: false, timeWait: undefined });
  const db = new Database(target, { readonly: true });
  try {
    return db.prepare(sql).all() as Rows;
  } finally {
    db.close();
  }
}

const counts = (end: string) =>
  `SELECT client_port, client_isn, ${['segments', 'bytes', 'retransmissions', 'fins', 'rsts'].map((what) => `${end}_${what}`)}
   FROM flows ORDER BY 1, 2`;
const CLOSES =
  'SELECT client_port, client_isn, close_kind, closed_first, client_state, server_state FROM flows ORDER BY 1, 2';

describe.each(PAIRS.filter(([, client]) => existsSync(client)))(
  '%s, both ends merged (case 28)',
  (_, client, server) => {
    it.each([
      ['client', client],
      ['server', server],
    ])('the %s sent what its capture shows', async (end, own) => {
      expect(await ask(merged(client, server), counts(end))).toEqual(await ask(own, counts(end)));
    });

    it('connections closed as one of the two shows it', async () => {
      const [said, one, other] = await Promise.all(
        [merged(client, server), client, server].map((path) => ask(path, CLOSES)),
      );
      expect(said).toHaveLength(one!.length);
      said!.forEach((flow, i) => {
        for (const [name, value] of Object.entries(flow))
          expect([one![i]![name], other![i]![name]]).toContain(value);
      });
    });
  },
);

describe('a capture appended to itself', () => {
  it('says each connection once, and that the clock jumped', async () => {
    const capture = join(CAPTURES, 'time-wait-expires.pcap');
    const bytes = readFileSync(capture);
    const path = join(temporaryFolder(), 'twice.pcap');
    writeFileSync(path, Buffer.concat([bytes, bytes.subarray(24)]));
    for (const sql of [CLOSES, counts('client'), counts('server')])
      expect(await ask(path, sql)).toEqual(await ask(capture, sql));
    const quality = 'SELECT directions, clock_jumps FROM captures';
    expect(await ask(path, quality)).toEqual([{ directions: 2, clock_jumps: 1 }]);
  });

  it('loses nothing that was left out the first time', async () => {
    const capture = join(CAPTURES, 'close-wait-leak.pcap');
    const bytes = readFileSync(capture);
    const path = join(temporaryFolder(), 'part.pcap');
    const ofFirst = recordsOf(bytes).filter((record) =>
      [34, 36].some((at) => record.readUInt16BE(16 + at) === 40_001),
    );
    writeFileSync(path, Buffer.concat([bytes.subarray(0, 24), ...ofFirst, bytes.subarray(24)]));
    expect(ofFirst.length).toBeGreaterThan(5);
    expect(await ask(path, CLOSES)).toEqual(await ask(capture, CLOSES));
  });
});
