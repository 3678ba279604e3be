import type { Database } from 'better-sqlite3';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { closeKind } from '../../frame/codes.ts';
import type { Context } from '../../frame/rule.ts';
import { PAIR, serviceKey, serviceOf } from '../../frame/subjects.ts';
import type { TroubledService } from './troubled-services.ts';

// SYNs that a server, or a filter before it, drops by their timestamps: PAWS (RFC 7323) kept for each
// address instead of each connection.

/** A SYN that is answered sooner was not sent again: the first timeout is a second or more (RFC 6298). */
const ANSWERED_US = 1_000_000;
/** How long Linux kept the last timestamp of a host (TCP_PAWS_MSL). */
const PAWS_US = 60_000_000;

/**
 * SYNs of an address whose TSval is older than that of one that was answered within the minute before it,
 * and that went unanswered. Of the rest of that address's SYNs it counts how many were answered.
 */
const CASES = {
  sql: `WITH syns AS (
  SELECT id AS flow_id, client_ip, client_port, server_ip, server_port, client_syn_tsval AS tsval,
    first_us, last_us, opened_us, first_frame, close_kind,
    opened_us - first_us < :answered_us AS answered,
    opened_us - first_us >= :answered_us OR close_kind = 'unanswered' AND client_segments > 1 AS unanswered,
    max(client_syn_tsval) FILTER (WHERE opened_us - first_us < :answered_us) OVER (
      PARTITION BY client_ip, server_ip, server_port
      ORDER BY first_us RANGE BETWEEN :paws_us PRECEDING AND 1 PRECEDING
    ) AS newest
  FROM flows
  WHERE client_syn_tsval IS NOT NULL AND (client_ip, server_ip, server_port) IN (
    SELECT client_ip, server_ip, server_port FROM flows
    WHERE opened_us - first_us >= :answered_us OR close_kind = 'unanswered' AND client_segments > 1
    GROUP BY client_ip, server_ip, server_port HAVING count(*) >= :several
  )
), judged AS (
  SELECT *, coalesce(newest - tsval BETWEEN 2 AND 2147483647, 0) AS runs_back FROM syns
), pairs AS (
  SELECT client_ip, server_ip, server_port,
    count(*) FILTER (WHERE runs_back AND answered) AS back_answered,
    count(*) FILTER (WHERE NOT runs_back AND answered) AS forth_answered,
    count(*) FILTER (WHERE NOT runs_back AND unanswered) AS forth_unanswered
  FROM judged GROUP BY client_ip, server_ip, server_port
)
SELECT j.flow_id, j.client_ip, j.client_port, j.server_ip, j.server_port,
  j.first_us AS since_us, coalesce(j.opened_us, j.last_us) AS until_us,
  j.tsval, j.newest, j.newest - j.tsval AS behind, j.close_kind,
  p.back_answered, p.forth_answered, p.forth_unanswered, j.first_frame AS frame
FROM judged AS j
JOIN pairs AS p USING (client_ip, server_ip, server_port)
WHERE j.runs_back AND j.unanswered`,
  by: PAIR,
  measures: {
    behind: 'avg(behind)',
    back_answered: 'max(back_answered)',
    forth_answered: 'max(forth_answered)',
    forth_unanswered: 'max(forth_unanswered)',
  },
  // Three of four each way: chance does not sort SYNs by their timestamps.
  having: `count >= :several AND count >= 3 * back_answered
    AND forth_answered >= :several AND forth_answered >= 3 * forth_unanswered`,
  marks: ['SYN', 'retransmitted SYN'],
} as const satisfies Cases;

/** A condition on flow_data: a SYN with a timestamp that was not answered, or had to be sent again. */
export const SYN_IN_VAIN =
  `client_syn_tsval IS NOT NULL AND (opened >= ${ANSWERED_US} OR ` +
  `close_kind = ${closeKind('unanswered')} AND client_segments > 1)`;

/** The view of that name, with numbers for addresses and without what the cases do not need: three times as fast. */
const BARE_FLOWS = `flows AS (
  SELECT id, client_address AS client_ip, client_port, server_address AS server_ip, server_port,
    client_syn_tsval, client_segments, first_frame, first AS first_us, first + last AS last_us,
    first + opened AS opened_us, iif(close_kind = ${closeKind('unanswered')}, 'unanswered', '') AS close_kind
  FROM flow_data)`;

/** The pairs of an address and a service whose SYNs with backward timestamps are dropped. */
export function backwardTimestamps(db: Database, { thresholds }: Context): CaseGroup[] {
  const values = { several: thresholds['close-trouble-count'], answered_us: ANSWERED_US, paws_us: PAWS_US };
  const { sql, measures, having } = CASES;
  const columns = Object.entries(measures).map(([name, aggregate]) => `${aggregate} AS ${name}`);
  const isAny = db.prepare<[object]>(
    `WITH ${BARE_FLOWS} SELECT count(*) AS count, ${columns.join(', ')} FROM (${sql})
     GROUP BY ${PAIR.join(', ')} HAVING ${having}`,
  );
  return isAny.get(values) === undefined ? [] : groupCases(db, CASES, values);
}

/** Whether that is so for most connections to a service that were not opened at once; other rules then skip it. */
export function isByTimestamps(service: TroubledService, { once }: Context): boolean {
  const ofService = once(backwardTimestamps).filter(
    (group) => serviceKey(serviceOf(group)) === serviceKey(service),
  );
  return 2 * ofService.reduce((sum, { count }) => sum + count, 0) > service.slow;
}
