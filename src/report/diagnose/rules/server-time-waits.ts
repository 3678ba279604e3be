import type { Database } from 'better-sqlite3';
import { CLOSED_FIRST } from '../../../flow/words.ts';
import { endName } from '../../flows/name.ts';
import type { Cases } from '../cases.ts';
import { closeKind } from './frequent.ts';
import { GONE_US } from './time-wait-cases.ts';

// The TIME_WAITs of those servers that close first, and what is to be known of such a server.

const SERVER_FIRST = CLOSED_FIRST.indexOf('server');

/** One row a TIME_WAIT; what Pace is made of is named as for clients. */
export const SERVER_TIME_WAITS: Cases = {
  sql: `SELECT w.flow_id, w.peer_ip AS client_ip, w.peer_port AS client_port,
  w.ip AS server_ip, w.port AS server_port, f.first_us, w.entered_us AS since_us,
  w.entered_us + coalesce(w.at_most_us, iif(w.ended_by = 'expired', w.expected_us, w.at_least_us)) AS until_us,
  w.expected_us, w.ended_by, f.observed_us, f.close_started_us - f.first_us AS lived_us,
  (SELECT s.entered_frame FROM state_intervals AS s
   WHERE s.flow_id = w.flow_id AND s.endpoint = 'server' AND s.state = 'TIME_WAIT') AS frame
FROM time_waits AS w
JOIN flows AS f ON f.id = w.flow_id
WHERE w.endpoint = 'server' AND f.closed_first = 'server'`,
  by: ['server_ip', 'server_port'],
  measures: {
    peak: `standing_peak(since_us, ${GONE_US})`,
    last_entered_us: 'max(since_us)',
    watched_until_us: 'max(observed_us)',
    length_us: 'min(expected_us)',
    brief: 'sum(lived_us < :brief_us)',
    lived_us: 'avg(lived_us)',
  },
  marks: ['FIN', 'FIN, ACK of FIN', 'ACK of FIN'],
};

/** A condition on flow_data: the server closed first, and its TIME_WAIT was seen. */
export const HELD_BY_SERVER = `server_time_wait IS NOT NULL AND closed_first = ${SERVER_FIRST}`;

/** SYNs refused one after the other, with nothing opened between. */
export interface Refusals {
  count: number;
  sinceUs: number;
}

/** A service that closes first. */
export interface Service {
  ip: string;
  port: number;
  /** Connections of it with a FIN. */
  closed: number;
  /**
   * Where several SYNs in a row were refused while a TIME_WAIT of its own stood: the longest such run. Not
   * where it listened again while that still stood: it did bind.
   */
  refusals: Refusals | undefined;
}

interface Tally {
  ip: string;
  port: number;
  held: number;
  closed: number;
  refused: number;
}

/** Services that hold most of their TIME_WAITs themselves, and many; or some, while SYNs are refused. */
export function servicesThatHold(db: Database, closes: number, several: number): Service[] {
  const tallies = db
    .prepare<[{ closes: number; several: number }], Tally>(
      `SELECT ip, port, held, closed, refused FROM (
         SELECT server_address, server_port AS port, sum(${HELD_BY_SERVER}) AS held,
           sum(client_fins + server_fins > 0) AS closed, sum(close_kind = ${closeKind('refused')}) AS refused
         FROM flow_data GROUP BY server_address, server_port
         HAVING held >= :closes AND 2 * held >= closed OR held > 0 AND refused >= :several
       ) JOIN addresses ON id = server_address`,
    )
    .all({ closes, several });
  const isAnyRefused = tallies.some(({ refused }) => refused >= several);
  const runs = isAnyRefused ? refusedInTimeWait(db, several) : new Map<string, Refusals>();
  return tallies
    .map(({ ip, port, held, closed }) => ({ ip, port, held, closed, refusals: runs.get(endName(ip, port)) }))
    .filter(({ held, closed, refusals }) => refusals !== undefined || (held >= closes && 2 * held >= closed));
}

/** Of each service the longest run of refused SYNs that began while a TIME_WAIT stood, and ended no sooner than that. */
function refusedInTimeWait(db: Database, several: number): Map<string, Refusals> {
  const runs = db
    .prepare<[number], Refusals & { ip: string; port: number }>(
      `WITH attempts AS (
         SELECT server_address, server_port, first, close_kind = ${closeKind('refused')} AS is_refused,
           count(opened) OVER earlier AS opened,
           max(iif(${HELD_BY_SERVER}, first + server_time_wait + server_time_wait_expected, 0)) OVER earlier AS held_until,
           min(iif(opened IS NULL, NULL, first)) OVER later AS opened_again
         FROM flow_data
         WINDOW earlier AS (PARTITION BY server_address, server_port ORDER BY first),
           later AS (PARTITION BY server_address, server_port ORDER BY first
             ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
       )
       SELECT ip, server_port AS port, count(*) AS count, min(first) AS sinceUs
       FROM attempts JOIN addresses ON id = server_address
       WHERE is_refused
       GROUP BY server_address, server_port, opened
       HAVING count(*) >= ? AND min(first) < max(held_until)
         AND coalesce(min(opened_again) >= max(held_until), 1)
       ORDER BY count`,
    )
    .all(several);
  return new Map(runs.map(({ ip, port, ...run }) => [endName(ip, port), run]));
}
