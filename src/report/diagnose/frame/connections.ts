import type { Database } from 'better-sqlite3';
import { readTally, type Tally } from './aggregates/tally.ts';
import type { Literals } from './literals.ts';
import { type Pair, SERVICE_NUMBER, type Service } from './subjects.ts';

// How many connections services, and their clients, have in all: what a finding's cases are a part of.

/** Of each condition on flow_data how many connections of each service meet it, by SERVICE_NUMBER. */
export function tallyServices(db: Database, conditions: readonly string[], values: Literals = {}): Tally[] {
  const tallies = conditions.map((condition) => `tally(${SERVICE_NUMBER}) FILTER (WHERE ${condition})`);
  return db
    .prepare<[Literals], string[]>(`SELECT ${tallies.join(', ')} FROM flow_data`)
    .raw()
    .get(values)!
    .map(readTally);
}

/** How many connections of each service meet a condition on flow_data, in the order of the services. */
export function connectionsOf(db: Database, services: readonly Service[], condition: string): number[] {
  if (services.length === 0) return [];
  const [counts] = tallyServices(db, [condition]);
  const id = db.prepare<[string], number>('SELECT id FROM addresses WHERE ip = ?').pluck();
  return services.map(
    ({ server_ip, server_port }) => counts!.get(id.get(server_ip)! * 65_536 + server_port) ?? 0,
  );
}

/** The same of pairs. */
export function connectionsOfPairs(db: Database, pairs: readonly Pair[], condition: string): number[] {
  if (pairs.length === 0) return [];
  const json = db
    .prepare<[string], string>(
      `WITH pairs AS MATERIALIZED (
         SELECT key AS n, value ->> 'server_port' AS port,
           (SELECT id FROM addresses WHERE ip = value ->> 'server_ip') AS server,
           (SELECT id FROM addresses WHERE ip = value ->> 'client_ip') AS client
         FROM json_each(?)
       )
       SELECT tally(n) FROM flow_data AS f CROSS JOIN pairs AS p
         ON p.server = f.server_address AND p.port = f.server_port AND p.client = f.client_address
       WHERE ${condition}`,
    )
    .pluck()
    .get(JSON.stringify(pairs))!;
  const counts = readTally(json);
  return pairs.map((_, i) => counts.get(i) ?? 0);
}
