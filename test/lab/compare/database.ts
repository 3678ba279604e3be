import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ENDPOINTS, STATES, type StateName } from '../../../src/flow/format/words.ts';
import { analyze } from '../../../src/run/pipeline.ts';

/** Analyzes a capture into a database that is gone after `use`. */
export async function withDatabase<T>(files: string[], use: (db: Database.Database) => T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'finwait-compare-'));
  try {
    const target = join(folder, 'capture.sqlite');
    await analyze(files, { target, append: false, timeWait: undefined });
    const db = new Database(target, { readonly: true });
    try {
      return use(db);
    } finally {
      db.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The columns of `flows` that the comparisons read. */
export interface FlowRow {
  id: number;
  client_ip: string;
  client_port: number;
  server_ip: string;
  server_port: number;
  first_us: number;
  first_frame: number;
  closed_first: string | null;
  zeek_conn_state: string;
  zeek_history: string;
  wireshark_completeness: number;
}

/** One endpoint of one flow, with its path through the states. */
export interface EndpointPath {
  flow: number;
  side: 'client' | 'server';
  ip: string;
  port: number;
  peerIp: string;
  peerPort: number;
  firstUs: number;
  states: { state: StateName; at: number; evidence: string }[];
}

/** All endpoints of a database, in the order of their flows' beginnings. */
export function readPaths(db: Database.Database): EndpointPath[] {
  const flows = db.prepare('SELECT * FROM flows ORDER BY first_us').all() as FlowRow[];
  const states = db.prepare(
    'SELECT state, entered_us AS at, evidence FROM state_intervals WHERE flow_id = ? AND endpoint = ? ORDER BY entered_us',
  );
  return flows.flatMap((f) =>
    ENDPOINTS.map((side) => {
      const peer = side === 'client' ? 'server' : 'client';
      return {
        flow: f.id,
        side,
        ip: f[`${side}_ip`],
        port: f[`${side}_port`],
        peerIp: f[`${peer}_ip`],
        peerPort: f[`${peer}_port`],
        firstUs: f.first_us,
        states: inOrder(states.all(f.id, side) as EndpointPath['states']),
      };
    }),
  );
}

/** States entered by the same segment have the same time; STATES tells their order. */
function inOrder(states: EndpointPath['states']): EndpointPath['states'] {
  return states.sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state));
}
