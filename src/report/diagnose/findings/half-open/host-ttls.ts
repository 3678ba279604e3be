import type { Database } from 'better-sqlite3';

/** The TTL of most connections of each server of which more than RSTs was captured, by address. */
export function hostTtls(db: Database, ips: readonly string[]): Map<string, number> {
  if (ips.length === 0) return new Map();
  const rows = db
    .prepare<[string], { ip: string; ttl: number }>(
      `SELECT a.ip, f.server_ttl AS ttl, count(*) AS n
       FROM flow_data AS f JOIN addresses AS a ON a.id = f.server_address
       WHERE f.server_address IN (SELECT id FROM addresses WHERE ip IN (SELECT value FROM json_each(?)))
         AND f.server_segments > f.server_rsts
       GROUP BY 1, 2 ORDER BY n`,
    )
    .all(JSON.stringify(ips));
  return new Map(rows.map(({ ip, ttl }) => [ip, ttl]));
}
