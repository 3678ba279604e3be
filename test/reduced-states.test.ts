import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyze } from '../src/run/pipeline.ts';
import { REDUCTIONS, reduced } from './report/diagnose/reduced.ts';

// Captures that kernels were held against, reduced as filters and asymmetric routes do it: what is still said of a
// connection is what the whole capture shows, or that it is not known.

const CAPTURES = join(import.meta.dirname, '..', 'captures');
const NAMES = readdirSync(CAPTURES).filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name));
const folder = mkdtempSync(join(tmpdir(), 'finwait-reduced-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Said {
  tuple: string;
  closed_first: string | null;
  reset_by: string | null;
  client_state: string | null;
  server_state: string | null;
  client_segments: number;
  server_segments: number;
}

/** Fewer segments do not show that there was a filter. */
const SHOWS_FILTER: Readonly<Record<string, number>> = {
  'of segments with data only': 10,
  'of SYN, FIN and RST only': 3,
};

async function said(bytes: Buffer): Promise<Said[]> {
  const [path, target] = [join(folder, 'reduced.pcap'), join(folder, 'reduced.sqlite')];
  writeFileSync(path, bytes);
  await analyze([path], { target, append: false, timeWait: undefined });
  const db = new Database(target, { readonly: true });
  try {
    return db
      .prepare<[], Said>(
        `SELECT client_ip || ' ' || client_port || ' ' || server_ip || ' ' || server_port AS tuple,
           closed_first, reset_by, client_state, server_state, client_segments, server_segments FROM flows ORDER BY first_us`,
      )
      .all();
  } finally {
    db.close();
  }
}

const FILTERS = REDUCTIONS.filter(([name]) => name.startsWith('of '));
/** Where all that would show the next state may be missing, the last one that was shown is said. */
const LAST_SHOWN = ['SYN_SENT', 'ESTABLISHED'];

describe.each(NAMES)('%s', (capture) => {
  const path = join(CAPTURES, capture);
  let whole: Said[];
  beforeAll(async () => {
    whole = await said(await reduced(path, () => true));
  });

  it.each(FILTERS)('%s', async (filter, keeps) => {
    const isOfAcks = filter === 'of SYN, FIN and RST only';
    const wrong: string[] = [];
    const all = await said(await reduced(path, keeps));
    const segments = all.reduce((sum, { client_segments: c, server_segments: s }) => sum + c + s, 0);
    if (segments < (SHOWS_FILTER[filter] ?? 0)) return;
    for (const left of all) {
      const truths = whole.filter(({ tuple }) => tuple === left.tuple);
      // Where ports were used again, which connection is meant is not always to be seen.
      if (truths.length !== 1) continue;
      const truth = truths[0]!;
      for (const what of ['closed_first', 'reset_by', 'client_state', 'server_state'] as const) {
        if (left[what] === truth[what] || left[what] === null || left[what] === 'UNKNOWN') continue;
        if (!isOfAcks && LAST_SHOWN.includes(left[what])) continue;
        wrong.push(`${left.tuple}: ${what} ${left[what]}, not ${truth[what]}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
