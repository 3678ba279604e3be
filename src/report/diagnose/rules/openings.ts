import type { Database } from 'better-sqlite3';
import { CLOSE_KINDS, RESET_EVIDENCE } from '../../../flow/words.ts';
import type { Context } from '../rule.ts';

// How the connections to a service were opened: what the rules on SYNs without a connection have in
// common. Each of those is one rule's affair, by what became of the others meanwhile.

/** A SYN that nobody answers, and that was watched for long enough to be sent again. */
export const UNANSWERED = "close_kind = 'unanswered' AND observed_us - first_us >= :late_us";

/** The SYN, or the SYN-ACK, had to be sent again before the connection was open. */
export const OPENED_LATE =
  'opened_us - first_us >= :late_us AND client_retransmissions + server_retransmissions > 0';

/** The first request was sent again, and more than once, before the server acknowledged anything. */
export const REQUEST_AGAIN = `client_retransmissions >= 2
    AND zeek_history GLOB 'Sh*D*T*[ad]*' AND zeek_history NOT GLOB '*[ad]*T*'`;

/** The ACK that completes the handshake is answered by RST (tcp_abort_on_overflow). */
export const ACK_REFUSED = `opened_us IS NOT NULL AND reset_evidence = 'no-socket' AND reset_by = 'server'
    AND server_segments = server_rsts + 1`;

/** All of these: a connection that was not opened at once, though nobody refused it. */
export const SLOW = `((${UNANSWERED}) OR (${OPENED_LATE}) OR (${REQUEST_AGAIN}) OR (${ACK_REFUSED}))`;

/** Much the same of flow_data. */
export const SLOW_STORED = `close_kind = ${CLOSE_KINDS.indexOf('unanswered')} AND observed >= 1e6 * :late_opening
    OR opened >= 1e6 * :late_opening AND client_retransmissions + server_retransmissions > 0
    OR ${REQUEST_AGAIN}
    OR reset_evidence = ${RESET_EVIDENCE.indexOf('no-socket')} AND server_segments = server_rsts + 1`;

/** Clients that try many targets, each a few times: scans. */
export const SCANNERS = `SELECT client_ip FROM flows
    WHERE close_kind = 'refused' OR (${UNANSWERED})
    GROUP BY client_ip
    HAVING count(DISTINCT server_ip || ' ' || server_port) >= :scan_targets
      AND count(*) <= 5 * count(DISTINCT server_ip || ' ' || server_port)`;

/** The columns that every rule on openings shows of a flow. */
export const ENDS = 'id AS flow_id, client_ip, client_port, server_ip, server_port, first_us AS since_us';

const TROUBLED = `WITH troubled AS MATERIALIZED (
  SELECT server_ip, server_port, (SELECT id FROM addresses WHERE ip = server_ip) AS server_address,
    server_ip || ' ' || server_port AS service,
    count(*) FILTER (WHERE close_kind = 'unanswered') AS unanswered,
    count(*) FILTER (WHERE close_kind = 'refused') AS refused,
    count(*) FILTER (WHERE close_kind <> 'refused') AS slow,
    min(first_us) FILTER (WHERE close_kind <> 'refused') AS slow_since,
    max(first_us) FILTER (WHERE close_kind <> 'refused') AS slow_until,
    min(first_us) FILTER (WHERE close_kind = 'refused') AS refused_since,
    max(first_us) FILTER (WHERE close_kind = 'refused') AS refused_until
  FROM flows
  WHERE (close_kind = 'refused' OR ${SLOW}) AND client_ip NOT IN (${SCANNERS})
  GROUP BY server_ip, server_port
)`;

/** Connections that were opened at once, against the times of trouble. By numbers, which is faster. */
const OPENED = `, opened AS (
  SELECT service, sum(n) AS opened,
    sum(n) FILTER (WHERE times & 1) AS beside_slow,
    sum(n) FILTER (WHERE times & 2) AS before_refused,
    sum(n) FILTER (WHERE times & 4) AS beside_refused,
    sum(n) FILTER (WHERE times & 8) AS after_refused
  FROM (
    SELECT service, times, count(*) AS n FROM (
      SELECT t.service, coalesce(first BETWEEN slow_since AND slow_until, 0)
        + coalesce(CASE WHEN first < refused_since THEN 2 WHEN first <= refused_until THEN 4
          WHEN first > refused_until THEN 8 END, 0) AS times
      FROM flow_data AS f
      CROSS JOIN troubled AS t ON t.server_address = f.server_address AND t.server_port = f.server_port
      WHERE f.opened < :late_us
    ) GROUP BY service, times
  ) GROUP BY service
)`;

/** A service, some of whose connections were refused, not answered or answered late. Scans do not count. */
export interface TroubledService {
  server_ip: string;
  server_port: number;
  unanswered: number;
  refused: number;
  /** Unanswered, or opened late. */
  slow: number;
  /** Connections that were opened at once, in all ... */
  opened: number;
  /** ... begun between the first slow one and the last, and before, between and after the refused ones. */
  beside_slow: number;
  before_refused: number;
  beside_refused: number;
  after_refused: number;
}

/** What the statements take. */
export function openingValues({ thresholds }: Context): { late_us: number; scan_targets: number } {
  return { late_us: thresholds['late-opening'] * 1e6, scan_targets: thresholds['scan-targets'] };
}

const known = new WeakMap<Context, readonly TroubledService[]>();

/** The services with trouble at opening; looked for once for all rules. */
export function troubledServices(db: Database, context: Context): readonly TroubledService[] {
  const before = known.get(context);
  if (before !== undefined) return before;
  const found = db
    .prepare<[object], TroubledService>(
      `${TROUBLED}${OPENED}
       SELECT t.*, coalesce(opened, 0) AS opened, coalesce(beside_slow, 0) AS beside_slow,
         coalesce(before_refused, 0) AS before_refused, coalesce(beside_refused, 0) AS beside_refused,
         coalesce(after_refused, 0) AS after_refused
       FROM troubled AS t LEFT JOIN opened USING (service)`,
    )
    .all(openingValues(context));
  known.set(context, found);
  return found;
}

/** Services as a value for `among`: a JSON list of what SERVICE is of each. */
export function serviceList(services: readonly { server_ip: string; server_port: number }[]): string {
  return JSON.stringify(services.map(serviceKey));
}

export function serviceKey({ server_ip, server_port }: { server_ip: string; server_port: number }): string {
  return `${server_ip} ${server_port}`;
}

/** A condition: the row's service is one of `:services`. */
export const OF_SERVICES = "server_ip || ' ' || server_port IN (SELECT value FROM json_each(:services))";

const scans = new WeakMap<Context, boolean>();

/** Whether there are scanners at all. */
export function hasScanners(db: Database, context: Context): boolean {
  const has = scans.get(context) ?? db.prepare<[object]>(SCANNERS).get(openingValues(context)) !== undefined;
  scans.set(context, has);
  return has;
}
