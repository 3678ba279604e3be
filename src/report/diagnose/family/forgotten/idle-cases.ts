import type { Cases } from '../../frame/cases.ts';
import { CLIENTS, SERVICE } from '../../frame/subjects.ts';

// Connections whose peer was gone after a silence. The length of the silence is an upper bound: it began no
// earlier than the segment before it that the database has.

/**
 * The segment that broke the silence is answered by RST: it is the last of the peer before the RST. Not if it
 * was the peer's FIN: an end that gets the FIN of an idle timeout may abort, and nothing is lost.
 */
const ANSWERED_BY_RST = `SELECT f.id AS flow_id, w.endpoint AS woken_by, w.n AS n, w.at_us AS woken_us,
    r.at_us AS until_us, 'RST' AS answer
  FROM flows AS f
  JOIN close_segments AS r ON r.flow_id = f.id AND r.meaning = 'RST' AND r.endpoint = f.reset_by
  JOIN close_segments AS w ON w.flow_id = f.id AND w.n = (
    SELECT max(n) FROM close_segments AS b WHERE b.flow_id = f.id AND b.n < r.n AND b.endpoint <> r.endpoint)
  WHERE f.reset_evidence = 'after-silence' AND f.close_kind = 'reset'`;

/**
 * It is answered by nothing: sent again and again, not a byte of the peer since, and no more than a window
 * of its own. Of several that carry the same it is the first: a pause between two of them is no new silence.
 * Not if its FIN follows at once: that is an idle timeout, whose length all of them have in common.
 */
const ANSWERED_BY_NOTHING = `SELECT f.id AS flow_id, w.endpoint AS woken_by, min(w.n) AS n, w.at_us AS woken_us,
    f.last_us AS until_us, 'silence' AS answer
  FROM flows AS f
  JOIN close_segments AS w ON w.flow_id = f.id AND w.meaning = 'after a long silence' AND w.len > 0
  WHERE f.close_kind IN ('open', 'half') AND f.last_us - f.first_us >= 5000000
    AND iif(w.endpoint = 'client', f.client_retransmissions, f.server_retransmissions) >= 3
    AND w.ack - 1 >= iif(w.endpoint = 'client', f.server_bytes, f.client_bytes)
    AND iif(w.endpoint = 'client', f.client_bytes, f.server_bytes) - w.seq < 65536
    AND f.last_us - w.at_us >= 1000000
    AND coalesce(iif(w.endpoint = 'client', f.client_fin_us, f.server_fin_us) - w.at_us >= 100000, 1)
    AND NOT EXISTS (SELECT 1 FROM close_segments AS o WHERE o.flow_id = f.id AND o.n > w.n
      AND o.meaning = 'after a long silence' AND (o.endpoint <> w.endpoint OR o.seq <> w.seq))
  GROUP BY f.id, w.endpoint, w.seq`;

/** Connections that were forgotten while they were silent, by service. */
export const FORGOTTEN: Omit<Cases, 'having'> = {
  sql: `WITH woken AS (
  ${ANSWERED_BY_RST}
  UNION ALL
  ${ANSWERED_BY_NOTHING}
), silent AS (
  SELECT w.*, w.woken_us - (
      SELECT max(b.at_us) FROM close_segments AS b WHERE b.flow_id = w.flow_id AND b.n < w.n
    ) AS silent_us
  FROM woken AS w
  WHERE w.n = (SELECT max(o.n) FROM woken AS o WHERE o.flow_id = w.flow_id)
)
SELECT s.flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
  s.woken_us AS since_us, s.until_us, s.woken_us - s.silent_us AS heard_us, s.silent_us,
  s.woken_by, s.answer, f.first_us, f.client_retransmissions, f.server_retransmissions,
  f.first_frame AS frame
FROM silent AS s JOIN flows AS f ON f.id = s.flow_id
WHERE s.silent_us IS NOT NULL`,
  by: SERVICE,
  measures: {
    ...CLIENTS,
    silences: 'json_group_array(silent_us)',
    by_rst: "sum(answer = 'RST')",
    by_client: "sum(woken_by = 'client')",
    last_heard_us: 'max(heard_us)',
  },
  weight: '-silent_us',
  marks: ['after a long silence', 'FIN', 'RST'],
};
