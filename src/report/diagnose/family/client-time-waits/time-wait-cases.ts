import type { Database } from 'better-sqlite3';
import { type Peak, readPeak } from '../../frame/aggregates/standing-peak.ts';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { ratePerSecond, standingNumber } from '../../frame/forecast.ts';
import type { Context } from '../../frame/rule.ts';

// What the rules on the clients' TIME_WAITs, and in part that on the servers', have in common.

/** A burst of less than a second is no rate. */
const MIN_WATCHED_US = 1_000_000;
/** Where closes come at one rate, their mean time is in the middle; of a burst it is not: from and to this part. */
const STEADY = [0.25, 0.75] as const;

/**
 * The TIME_WAITs of clients, each from its entry until it ended, or as long as it was watched. A capture
 * does not see it end: if nothing else is known, it lasts as long as its system's TIME_WAIT.
 */
export const CLIENT_TIME_WAITS = `SELECT w.flow_id, w.ip AS client_ip, w.port AS client_port,
  w.peer_ip AS server_ip, w.peer_port AS server_port,
  f.first_us, w.entered_us AS since_us,
  w.entered_us + coalesce(w.at_most_us, iif(w.ended_by = 'expired', w.expected_us, w.at_least_us)) AS until_us,
  w.expected_us, w.profile, w.ended_by, w.evidence, f.client_stack, f.observed_us,
  (SELECT s.entered_frame FROM state_intervals AS s
   WHERE s.flow_id = w.flow_id AND s.endpoint = 'client' AND s.state = 'TIME_WAIT') AS frame
FROM time_waits AS w
JOIN flows AS f ON f.id = w.flow_id
WHERE w.endpoint = 'client'`;

/** The most TIME_WAITs that a client can have had at once, or will have by a forecast. */
export interface Busy {
  ip: string;
  most: number;
  /** For one server and port. */
  mostOfOne: number;
}

/** How many they are, or come to be at the rate at which they were entered. */
const MOST = `max(n, n * expected / max(${MIN_WATCHED_US}, until - since))`;

/** The clients that have closes enough: a first look, several times as fast as the rows themselves. */
function busyClients(db: Database, { thresholds }: Context): Busy[] {
  return db
    .prepare<[{ closes: number }], Busy>(
      `WITH pairs AS MATERIALIZED (
         SELECT client_address, count(*) AS n, max(client_time_wait_expected) AS expected,
           min(first + client_time_wait) AS since, max(first + client_time_wait) AS until
         FROM flow_data WHERE client_time_wait IS NOT NULL
         GROUP BY client_address, server_address, server_port
       ), clients AS (
         SELECT client_address, max(iif(n >= :closes, ${MOST}, 0)) AS mostOfOne,
           sum(n) AS n, max(expected) AS expected, min(since) AS since, max(until) AS until
         FROM pairs GROUP BY client_address
       )
       SELECT ip, mostOfOne, ${MOST} AS most FROM clients JOIN addresses ON id = client_address
       WHERE n >= :closes`,
    )
    .all({ closes: thresholds['time-wait-closes'] });
}

/** The cases of those clients alone that can have reached something by `reaches`, for most have not. */
export function groupBusyClients(
  db: Database,
  cases: Cases,
  context: Context,
  reaches: (busy: Busy) => boolean,
): CaseGroup[] {
  const clients = context.once(busyClients).filter(reaches);
  if (clients.length === 0) return [];
  const ips = JSON.stringify(clients.map(({ ip }) => ip));
  const values = { closes: context.thresholds['time-wait-closes'], ips };
  return groupCases(db, cases, values, 'client_ip IN (SELECT value FROM json_each(:ips))');
}

/** One that stood when the capture ended stood at that instant, too. */
export const GONE_US = "until_us + (ended_by = 'capture-end')";

/** What paceOf() takes. */
export const PACE_MEASURES = {
  peak: `standing_peak(since_us, ${GONE_US})`,
  last_entered_us: 'max(since_us)',
  mean_entered_us: 'avg(since_us)',
  watched_until_us: 'max(observed_us)',
  length_us: 'min(expected_us)',
};

/** What both rules take of a client. */
export const MEASURES = {
  ...PACE_MEASURES,
  stack: 'iif(min(client_stack) = max(client_stack), max(client_stack), NULL)',
  profile: 'max(profile)',
};

/** Segments that show how a TIME_WAIT came about. */
export const MARKS = ['FIN', 'FIN, ACK of FIN', 'ACK of FIN'];

/** How a client's TIME_WAITs come and stand. */
export interface Pace {
  peak: Peak;
  /** TIME_WAIT's length, microseconds. */
  lengthUs: number;
  /** From the first TIME_WAIT to the end of the capture, microseconds. */
  watchedUs: number;
  /** Closes a second; of a capture longer than TIME_WAIT those of its busiest time; 0 if unknown. */
  perSecond: number;
  /** TIME_WAITs that stand at once if it goes on so; the peak if the capture was long enough to see it. */
  standing: number;
}

/** @param group of Cases with PACE_MEASURES */
export function paceOf(group: CaseGroup): Pace {
  const peak = readPeak(group.text('peak'));
  const lengthUs = group.number('length_us');
  const watchedUs =
    Math.max(group.number('watched_until_us'), group.number('last_entered_us')) - group.sinceUs;
  if (watchedUs >= lengthUs) {
    return { peak, lengthUs, watchedUs, perSecond: (peak.atOnce * 1e6) / lengthUs, standing: peak.atOnce };
  }
  const isRate = watchedUs >= MIN_WATCHED_US && isSteady(group);
  const perSecond = isRate ? ratePerSecond(group.count, group.sinceUs, group.sinceUs + watchedUs) : 0;
  const standing = Math.max(peak.atOnce, Math.round(standingNumber(perSecond, lengthUs)));
  return { peak, lengthUs, watchedUs, perSecond, standing };
}

/** They did not come in one burst, at the beginning or at the end. */
function isSteady(group: CaseGroup): boolean {
  const [from, until] = [group.sinceUs, group.number('last_entered_us')];
  const mean = (group.number('mean_entered_us') - from) / Math.max(1, until - from);
  return mean >= STEADY[0] && mean <= STEADY[1];
}

/** Whether both ends are one host, by its loopback addresses. */
export function isLoopback(ip: string): boolean {
  return ip === '::1' || /^(::ffff:)?127\./.test(ip);
}
