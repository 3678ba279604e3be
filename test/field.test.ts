import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { analyze } from '../src/run/pipeline.ts';
import { EXAMPLES } from './examples.ts';
import { temporaryFolder } from './record/database.ts';

// Troubles that were reproduced between real kernels, and cuts of public captures: what must be said of them. They
// lie beside the repository; where they do not, nothing is tested.

/** Reset evidence by whose RST it was, and how often. */
const RESETS =
  'SELECT reset_by, reset_kind, reset_evidence, count(*) FROM flows WHERE reset_by IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 3';
/** Last states of both ends, who closed first, and how often. */
const ENDS =
  'SELECT client_state, server_state, closed_first, count(*) FROM flows GROUP BY 1, 2, 3 ORDER BY 1, 2, 3';
const CLOSE_WAITS = "SELECT count(*) FROM close_waits WHERE ended_by = 'capture-end'";
const FILTERED = 'SELECT filtered FROM captures';
const SILENCES = "SELECT count(*) FROM close_segments WHERE meaning = 'after a long silence'";

const crossed = (count: number) => [['server', 'data-after-close', 'data-crossed-fin', count]];

const CASES: readonly [file: string, what: string, sql: string, rows: unknown[][]][] = [
  ['field/nn-nginx-node.pcap.gz', 'requests cross the FIN', RESETS, crossed(29)],
  ['field/hh-race-crossing-client.pcap.gz', 'requests cross the FIN, near the client', RESETS, crossed(25)],
  ['field/hh-race-crossing-server.pcap.gz', 'requests cross the FIN, near the server', RESETS, crossed(25)],
  [
    'field/oo-stream-cancel-server.pcap.gz',
    'the rest of a stream crosses the FIN',
    RESETS,
    [['client', 'data-after-close', 'data-crossed-fin', 40]],
  ],
  [
    'field/v-stale-pool.pcap.gz',
    'requests come after the FIN',
    RESETS,
    [['server', 'data-after-close', 'data-after-fin', 10]],
  ],
  [
    'field/b-keepalive-race.pcap.gz',
    'requests cross the FIN, or come after it',
    RESETS,
    [
      ['server', 'data-after-close', 'data-after-fin', 6],
      ['server', 'data-after-close', 'data-crossed-fin', 2],
    ],
  ],
  ['field/cut-start-nginx.pcap.gz', 'begun amid closes: no CLOSE_WAIT stands', CLOSE_WAITS, [[0]]],
  ['field/l-host-gone.pcap.gz', 'what is sent again ends no silence', SILENCES, [[0]]],
  [
    'wild/idle-keepalive-10.pcap',
    'keep-alives are no FINs',
    ENDS,
    [['ESTABLISHED', 'ESTABLISHED', null, 10]],
  ],
  [
    'wild/keepalive-then-close.pcap',
    'a close after keep-alives is the close',
    ENDS,
    [['TIME_WAIT', 'CLOSED', 'client', 1]],
  ],
  ['wild/payload-only-tls-filter.pcap', 'it was filtered', FILTERED, [[1]]],
  ['wild/payload-only-tls-filter.pcap', 'no CLOSE_WAIT stands', CLOSE_WAITS, [[0]]],
];

describe.skipIf(!existsSync(EXAMPLES))('the examples beside the repository', () => {
  it.each(CASES)('%s: %s', async (file, _, sql, rows) => {
    const target = join(temporaryFolder(), 'example.sqlite');
    await analyze([join(EXAMPLES, file)], { target, append: false, timeWait: undefined });
    const db = new Database(target, { readonly: true });
    try {
      expect(db.prepare(sql).raw().all()).toEqual(rows);
    } finally {
      db.close();
    }
  });
});
