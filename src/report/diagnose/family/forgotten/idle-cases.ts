import type { Cases } from '../../frame/cases.ts';
import { CLIENTS, SERVICE } from '../../frame/subjects.ts';

// Connections whose peer was gone after a silence that is in the capture.

/** How long the silence before a segment `w` was: since the segment before it that the database has. */
const SILENT_US = `w.at_us - (
      SELECT max(b.at_us) FROM close_segments AS b WHERE b.flow_id = w.flow_id AND b.n < w.n)`;

/**
 * The segment that broke the silence is answered by RST: it is the last of the peer before the RST. Not if it
 * was the peer's FIN: an end that gets the FIN of an idle timeout may abort, and nothing is lost.
 */
const ANSWERED_BY_RST = `SELECT f.id AS flow_id, w.endpoint AS woken_by, w.at_us AS woken_us, ${SILENT_US} AS silent_us,
    r.at_us AS until_us, 'RST' AS answer
  FROM flows AS f
  JOIN close_segments AS r ON r.flow_id = f.id AND r.meaning = 'RST' AND r.endpoint = f.reset_by
  JOIN close_segments AS w ON w.flow_id = f.id AND w.n = (
    SELECT max(n) FROM close_segments AS b WHERE b.flow_id = f.id AND b.n < r.n AND b.endpoint <> r.endpoint)
  WHERE f.reset_evidence = 'after-silence' AND f.close_kind = 'reset'`;

/**
 * It is answered by nothing: sent again and again, and nothing of the peer since. Not if its FIN follows at once:
 * that is an idle timeout, whose length all of them have in common.
 */
const ANSWERED_BY_NOTHING = `SELECT f.id AS flow_id, w.endpoint AS woken_by, w.at_us AS woken_us, ${SILENT_US} AS silent_us,
    f.last_us AS until_us, 'silence' AS answer
  FROM flows AS f
  JOIN close_segments AS w ON w.flow_id = f.id AND w.meaning = 'unacknowledged data after a long silence'
  JOIN captures AS c ON c.id = f.capture_id
  WHERE f.close_kind IN ('open', 'half') AND coalesce(c.filtered, 0) = 0
    AND f.last_us - w.at_us >= :unacknowledged_us
    AND coalesce(iif(w.endpoint = 'client', f.client_fin_us, f.server_fin_us) - w.at_us >= 100000, 1)`;

/** Connections that were forgotten while they were silent, by service. */
export const FORGOTTEN: Omit<Cases, 'having'> = {
  sql: `WITH woken AS (
  ${ANSWERED_BY_RST}
  UNION ALL
  ${ANSWERED_BY_NOTHING}
)
SELECT w.flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
  w.woken_us AS since_us, w.until_us, w.woken_us - w.silent_us AS heard_us, w.silent_us,
  w.woken_by, w.answer, f.first_us, f.client_retransmissions, f.server_retransmissions,
  f.first_frame AS frame
FROM woken AS w JOIN flows AS f ON f.id = w.flow_id
WHERE w.silent_us IS NOT NULL`,
  by: SERVICE,
  measures: {
    ...CLIENTS,
    silences: 'json_group_array(silent_us)',
    by_rst: "sum(answer = 'RST')",
    by_client: "sum(woken_by = 'client')",
    last_heard_us: 'max(heard_us)',
  },
  weight: '-silent_us',
  marks: [
    'before a long silence',
    'after a long silence',
    'unacknowledged data after a long silence',
    'FIN',
    'RST',
  ],
};
