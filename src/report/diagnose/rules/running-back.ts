import type { Database } from 'better-sqlite3';
import { OF_SERVICES, serviceKey } from './openings.ts';

/** More than that many of its unanswered SYNs run back: it is the clocks. */
const MOST = 0.5;

/**
 * Services most of whose unanswered SYNs have an older timestamp than one of the same address that was
 * answered before (RFC 7323, PAWS kept for each address): the finding tw-recycle-nat, and no other.
 * @param services by serviceKey, as they are returned
 */
export function runningBack(db: Database, services: readonly string[]): Set<string> {
  if (services.length === 0) return new Set();
  const rows = db
    .prepare<[object], { server_ip: string; server_port: number; back: number; asked: number }>(
      `WITH syns AS (
         SELECT server_ip, server_port, close_kind, client_syn_tsval AS tsval,
           max(client_syn_tsval) FILTER (WHERE opened_us IS NOT NULL)
             OVER (PARTITION BY client_ip, server_ip ORDER BY first_us) AS newest
         FROM flows
         WHERE client_syn_tsval IS NOT NULL
           AND ${OF_SERVICES}
           AND client_ip IN (SELECT client_ip FROM flows WHERE close_kind = 'unanswered')
       )
       SELECT server_ip, server_port, count(*) FILTER (WHERE tsval < newest) AS back, count(*) AS asked
       FROM syns WHERE close_kind = 'unanswered' GROUP BY server_ip, server_port`,
    )
    .all({ services: JSON.stringify(services) });
  return new Set(rows.filter(({ back, asked }) => back > MOST * asked).map(serviceKey));
}
