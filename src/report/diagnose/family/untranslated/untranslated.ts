import type { Database } from 'better-sqlite3';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { rstSigns } from '../../frame/rst-signs.ts';
import type { Context } from '../../frame/rule.ts';
import { CLIENTS, SERVICE } from '../../frame/subjects.ts';

// A NAT that does not take a segment for one of its connections (conntrack: INVALID) and lets it pass as it is. Its
// receiver has no connection with that address, and answers by RST; back at the NAT the RST fits, is translated, and
// ends the connection at the other end. Before the NAT the segment is a connection of its own, of a port that has
// another one; behind it, it is out of the window, and its RST is followed by segments of the same end.

/** Before the NAT: connections from whose port a segment of another address was refused while they were open. */
const BEFORE_THE_NAT = `WITH strays AS MATERIALIZED (
    SELECT id AS stray_id, first_us AS stray_us, first_frame AS frame,
      iif(reset_by = 'client', client_ip, server_ip) AS ip, iif(reset_by = 'client', client_port, server_port) AS port,
      iif(reset_by = 'client', server_ip, client_ip) AS from_ip, iif(reset_by = 'client', server_port, client_port) AS from_port
    FROM flows
    WHERE close_kind = 'reset' AND reset_evidence = 'no-socket' AND opened_us IS NULL
      AND role_evidence NOT IN ('syn', 'syn-ack')
      AND iif(reset_by = 'client', client_segments - client_rsts, server_segments - server_rsts) = 0
  )
  SELECT g.id AS flow_id, s.stray_id, g.client_ip, g.client_port, g.server_ip, g.server_port,
    s.from_ip || ' ' || s.from_port AS came_from, s.stray_us AS since_us, g.last_us AS until_us,
    g.last_us > s.stray_us AS went_on, coalesce(g.reset_by = 'server', 0) AS was_ended,
    g.last_us - s.stray_us AS later_us, s.frame
  FROM flows AS g CROSS JOIN strays AS s ON s.ip = g.client_ip AND s.port = g.client_port
  WHERE g.id <> s.stray_id AND g.first_us < s.stray_us AND g.last_us >= s.stray_us
    AND (g.opened_us IS NOT NULL OR g.client_segments - g.client_rsts > 1 AND g.server_segments - g.server_rsts > 1)`;

/** Behind it: data out of the window, refused by an RST without ACK, as from a host without that connection. */
const BEHIND_THE_NAT = `SELECT f.id AS flow_id, f.id AS stray_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
    '' AS came_from, r.at_us AS since_us, f.last_us AS until_us,
    l.at_us IS NOT NULL AS went_on, 1 AS was_ended, l.at_us - r.at_us AS later_us, r.frame
  FROM flows AS f
  JOIN close_segments AS r ON r.flow_id = f.id AND r.flags = 'RST'
  JOIN close_segments AS w ON w.flow_id = f.id AND w.n = r.n - 1 AND w.meaning = 'data out of window'
    AND w.endpoint <> r.endpoint AND r.at_us - w.at_us < 1000000
  LEFT JOIN close_segments AS l ON l.flow_id = f.id AND l.n = (
    SELECT min(a.n) FROM close_segments AS a
    WHERE a.flow_id = f.id AND a.n > r.n AND a.endpoint = r.endpoint AND a.flags NOT LIKE '%RST%')
  WHERE f.reset_evidence IN ('no-socket', 'sender-went-on') AND f.close_kind IN ('reset', 'fin-reset')
    AND f.opened_us IS NOT NULL`;

const CASES: Cases = {
  sql: `${BEFORE_THE_NAT}
UNION ALL
${BEHIND_THE_NAT}`,
  by: SERVICE,
  measures: {
    ...CLIENTS,
    came_from: 'commonest(came_from)',
    before: "sum(came_from <> '')",
    went_on: 'sum(went_on)',
    was_ended: 'sum(was_ended)',
    later_us: 'max(later_us)',
    ids: 'json_group_array(json_array(flow_id, stray_id))',
  },
  marks: ['SYN', 'data out of window', 'FIN', 'RST', 'spurious RST'],
};

/** Connections that untranslated segments met, by service. */
export interface Untranslated {
  group: CaseGroup;
  /** Flows that are part of it: the connections, and what passed beside them. */
  ids: readonly number[];
  isSeveral: boolean;
}

/** The services of which connections met such segments; they are a finding where `isSeveral`. */
export function untranslated(db: Database, { thresholds, once }: Context): Untranslated[] {
  const { strays, withoutSocket } = once(rstSigns);
  if (strays + withoutSocket === 0) return [];
  return groupCases(db, CASES, {}).map((group) => ({
    group,
    ids: (JSON.parse(group.text('ids')) as [number, number][]).flat(),
    isSeveral: group.count >= thresholds['forgotten-count'],
  }));
}
