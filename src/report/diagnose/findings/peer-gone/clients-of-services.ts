import type { Database } from 'better-sqlite3';

/** How many clients the services have that each of these clients used: of the service that has most. */
export function clientsBeside(db: Database, ips: readonly string[]): Map<string, number> {
  if (ips.length === 0) return new Map();
  const rows = db
    .prepare<[string], { ip: string; clients: number }>(
      `WITH used AS MATERIALIZED (
         SELECT DISTINCT f.client_address AS client, f.server_address AS server, f.server_port AS port
         FROM json_each(?) AS gone
         JOIN addresses AS a ON a.ip = gone.value
         JOIN flow_data AS f ON f.client_address = a.id
       ), services AS MATERIALIZED (
         SELECT f.server_address AS server, f.server_port AS port, count(DISTINCT f.client_address) AS clients
         FROM flow_data AS f
         WHERE (f.server_address, f.server_port) IN (SELECT server, port FROM used)
         GROUP BY 1, 2
       )
       SELECT a.ip, max(s.clients) AS clients
       FROM used AS u
       JOIN services AS s ON s.server = u.server AND s.port = u.port
       JOIN addresses AS a ON a.id = u.client
       GROUP BY a.ip`,
    )
    .all(JSON.stringify(ips));
  return new Map(rows.map(({ ip, clients }) => [ip, clients]));
}
