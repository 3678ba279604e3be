import type { Database } from 'better-sqlite3';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { rstSigns } from '../../frame/rst-signs.ts';
import type { Context } from '../../frame/rule.ts';
import { CLIENTS, SERVICE } from '../../frame/subjects.ts';
import { isTimer } from './silences.ts';

/** Idle connections of a service that an RST ended by itself, after silences as long as a timer. */
export interface TimedOut {
  group: CaseGroup;
  /** Silences before the RSTs, microseconds, the shortest first. */
  silences: number[];
}

/**
 * RSTs that nothing came before: the connection was idle, its last answer acknowledged. Not of an end whose own
 * segments the capture saw first: that is its program. `both_names`: captured on both sides, an RST came to each end
 * in the name of the other. Where data of the peer met it, it is keep-alive-race.
 */
const CASES: Cases = {
  sql: `SELECT f.id AS flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
  r.at_us AS since_us, r.at_us AS until_us, r.at_us - b.at_us AS silent_us, f.reset_by, f.reset_evidence,
  f.client_rsts > 0 AND f.server_rsts > 0 AS both_names, f.capture_near, r.frame
FROM flows AS f
JOIN close_segments AS r ON r.flow_id = f.id AND r.n = (
  SELECT min(n) FROM close_segments AS a WHERE a.flow_id = f.id AND a.flags LIKE '%RST%')
JOIN close_segments AS b ON b.flow_id = f.id AND b.n = r.n - 1 AND b.meaning = 'before a long silence'
WHERE f.close_kind = 'reset' AND f.idle_before_close_us >= 4000000 AND f.late_data_us IS NULL
  AND f.reset_evidence IN ('data-from-peer', 'no-data-from-peer', 'other-ttl', 'sender-went-on', 'no-socket')
  AND (f.client_rsts > 0 AND f.server_rsts > 0
    OR coalesce(f.capture_near <> f.reset_by, 1) AND (b.endpoint = 'server') = (b.len > 0))`,
  by: SERVICE,
  measures: {
    ...CLIENTS,
    silences: 'json_group_array(silent_us)',
    both_names: 'sum(both_names)',
    by_server: "sum(reset_by = 'server')",
    by_client: "sum(reset_by = 'client')",
    beyond: 'sum(capture_near IS NOT NULL)',
  },
  having: 'count >= :several',
  weight: '-silent_us',
  marks: ['before a long silence', 'RST'],
};

/** The services whose idle connections a timer ends. */
export function timedOut(db: Database, { thresholds, once }: Context): TimedOut[] {
  if (once(rstSigns).idle < thresholds['forgotten-count']) return [];
  return groupCases(db, CASES, { several: thresholds['forgotten-count'] })
    .map((group) => ({
      group,
      silences: (JSON.parse(group.text('silences')) as number[]).sort((a, b) => a - b),
    }))
    .filter(({ group, silences }) => isTimer(silences) && !isOneInstant(group, silences));
}

/** The RSTs lie closer together than the silences before them do: a program or a host ended, no timer. */
function isOneInstant(group: CaseGroup, silences: readonly number[]): boolean {
  return 2 * (group.untilUs - group.sinceUs) < silences.at(-1)! - silences[0]!;
}
