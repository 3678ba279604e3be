import type { Database } from 'better-sqlite3';
import { REQUEST_AGAIN, serviceKey } from './openings.ts';

/** An instant at a service. */
export interface Moment {
  server_ip: string;
  server_port: number;
  /** Microseconds since the epoch. */
  atUs: number;
}

/** Connections that a service opened at once about a moment, and how many of these lost something later. */
export interface Beside {
  opened: number;
  lossy: number;
}

/** As long before and after the moment: a SYN that is dropped is sent again after a second. */
const ABOUT_US = 2_000_000;

/** What services opened about a moment of each, by serviceKey. */
export function openedNear(db: Database, moments: readonly Moment[], lateUs: number): Map<string, Beside> {
  const rows = db
    .prepare<[object], Moment & Beside>(
      `WITH moments AS MATERIALIZED (
         SELECT value ->> 'server_ip' AS server_ip, value ->> 'server_port' AS server_port,
           (SELECT id FROM addresses WHERE ip = value ->> 'server_ip') AS server_address,
           value ->> 'atUs' AS at_us
         FROM json_each(:moments)
       )
       SELECT m.server_ip, m.server_port, count(*) AS opened,
         count(*) FILTER (WHERE client_retransmissions + server_retransmissions > 0) AS lossy
       FROM flow_data AS f
       CROSS JOIN moments AS m ON m.server_address = f.server_address AND m.server_port = f.server_port
       WHERE f.opened < :lateUs AND NOT (${REQUEST_AGAIN}) AND f.first BETWEEN m.at_us - :about AND m.at_us + :about
       GROUP BY m.server_ip, m.server_port`,
    )
    .all({ moments: JSON.stringify(moments), lateUs, about: ABOUT_US });
  return new Map(rows.map((row) => [serviceKey(row), row]));
}
