import type { Database } from 'better-sqlite3';
import { CLOSED_FIRST } from '../../../flow/words.ts';
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

/** A service that closes first. */
export interface Service {
  ip: string;
  port: number;
  /** TIME_WAITs it has held. */
  held: number;
  /** Connections of it with a FIN. */
  closed: number;
  refused: number;
}

/** Services with so many TIME_WAITs of their own, or with a few and as many refused SYNs. */
export function servicesThatHold(db: Database, closes: number, several: number): Service[] {
  return db
    .prepare<[{ closes: number; several: number }], Service>(
      `SELECT ip, port, held, closed, refused FROM (
         SELECT server_address, server_port AS port, sum(${HELD_BY_SERVER}) AS held,
           sum(client_fins + server_fins > 0) AS closed, sum(close_kind = ${closeKind('refused')}) AS refused
         FROM flow_data GROUP BY server_address, server_port
         HAVING held >= :closes OR held > 0 AND refused >= :several
       ) JOIN addresses ON id = server_address`,
    )
    .all({ closes, several });
}

/** SYNs refused one after the other. */
export interface Refusals {
  count: number;
  sinceUs: number;
  untilUs: number;
}

interface Attempt {
  at: number;
  refused: number;
  opened: number;
  held_until: number | null;
}

/** The longest run of refused SYNs, with nothing opened between, that began while a TIME_WAIT of the server stood. */
export function refusedInTimeWait(db: Database, { ip, port }: Service): Refusals {
  const attempts = db
    .prepare<[{ ip: string; port: number }], Attempt>(
      `SELECT first AS at, close_kind = ${closeKind('refused')} AS refused, opened IS NOT NULL AS opened,
         iif(${HELD_BY_SERVER}, first + server_time_wait + server_time_wait_expected, NULL) AS held_until
       FROM flow_data
       WHERE server_port = @port AND server_address IN (SELECT id FROM addresses WHERE ip = @ip)
       ORDER BY first`,
    )
    .all({ ip, port });
  let longest: Refusals = { count: 0, sinceUs: 0, untilUs: 0 };
  let run: Refusals = longest;
  let heldUntil = 0;
  for (const { at, refused, opened, held_until } of attempts) {
    heldUntil = Math.max(heldUntil, held_until ?? 0);
    if (opened === 1) run = { count: 0, sinceUs: 0, untilUs: 0 };
    if (refused === 0 || (run.count === 0 && at >= heldUntil)) continue;
    run = { count: run.count + 1, sinceUs: run.count === 0 ? at : run.sinceUs, untilUs: at };
    if (run.count > longest.count) longest = run;
  }
  return longest;
}
