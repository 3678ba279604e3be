import type { Database } from 'better-sqlite3';
import { closeKind, resetEvidence } from '../../frame/codes.ts';
import type { Context } from '../../frame/rule.ts';
import { SERVICE_KEY } from '../../frame/subjects.ts';
import { notOfFloods } from './floods.ts';

// How the connections to a service were opened: what the rules on SYNs without a connection have in
// common. Each belongs to exactly one rule, depending on whether the service opened other connections at the time.

/**
 * A SYN that is not answered, also not by ICMP or by an old ACK out of TIME_WAIT, and was observed for long enough
 * to be sent again.
 */
export const UNANSWERED =
  "close_kind = 'unanswered' AND server_segments = 0 AND icmp_us IS NULL AND observed_us - first_us >= :late_us";

/** The same, or the answer is an ICMP error. */
export const NEVER_OPENED =
  "close_kind = 'unanswered' AND (icmp_us IS NOT NULL OR observed_us - first_us >= :late_us)";

/** The SYN, or the SYN-ACK, had to be sent again before the connection was open. */
const OPENED_LATE =
  'opened_us - first_us >= :late_us AND client_retransmissions + server_retransmissions > 0';

/** The first request was sent again, and more than once, before the server acknowledged anything. */
export const REQUEST_AGAIN = `client_retransmissions >= 2 AND zeek_history GLOB 'Sh*D*T*[ad]*'
      AND zeek_history NOT GLOB '*[ad]*T*'`;

/** The ACK that completes the handshake is answered by RST (tcp_abort_on_overflow). */
const ACK_REFUSED = `opened_us IS NOT NULL AND reset_evidence = 'no-socket' AND reset_by = 'server'
      AND server_segments = server_rsts + 1`;

/** All of these: a connection that was not opened at once, though nobody refused it. */
export const SLOW = `(${UNANSWERED}
    OR ${OPENED_LATE}
    OR ${REQUEST_AGAIN}
    OR ${ACK_REFUSED})`;

/** Much the same of flow_data. */
export const SLOW_STORED = `close_kind = ${closeKind('unanswered')} AND observed >= 1e6 * :late_opening
    OR opened >= 1e6 * :late_opening AND client_retransmissions + server_retransmissions > 0
    OR ${REQUEST_AGAIN}
    OR reset_evidence = ${resetEvidence('no-socket')} AND server_segments = server_rsts + 1`;

/** Clients that try many targets, each a few times: scans. */
export const SCANNERS = `SELECT client_ip FROM flows
    WHERE close_kind = 'refused' OR (${NEVER_OPENED})
    GROUP BY client_ip
    HAVING count(DISTINCT ${SERVICE_KEY}) >= :scan_targets
      AND count(*) <= 5 * count(DISTINCT ${SERVICE_KEY})`;

/** The columns that every rule on openings shows of a flow. */
export const ENDS = 'id AS flow_id, client_ip, client_port, server_ip, server_port, first_us AS since_us';

/** What the statements take. */
export function openingValues({ thresholds }: Context): { late_us: number; scan_targets: number } {
  return { late_us: thresholds['late-opening'] * 1e6, scan_targets: thresholds['scan-targets'] };
}

/** Whether there are scanners at all. */
export function hasScanners(db: Database, context: Context): boolean {
  return db.prepare<[object]>(SCANNERS).get(openingValues(context)) !== undefined;
}

/** The end of a WHERE that leaves scanners and floods out, if there are any. */
export function notOfScanners(context: Context): string {
  const scanners = context.once(hasScanners) ? `\n  AND client_ip NOT IN (${SCANNERS})` : '';
  return `${scanners}${notOfFloods(context)}`;
}
