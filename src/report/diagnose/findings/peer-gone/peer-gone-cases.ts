import type { Cases } from '../../frame/cases.ts';
import { eachEnd } from '../../frame/frequent.ts';

/**
 * Data that was sent three times or more, for long, while nothing came of the peer: it had been there, for more
 * than the handshake came of it, or the connection is older than the capture. A capture of one direction, or of data
 * alone, shows no acknowledgment anyhow. Silences that a middlebox ends are idle-middlebox.
 */
const DATA = eachEnd(`SELECT f.id AS flow_id, '%' AS sent_by, '@' AS side, f.@_ip AS ip, 'data' AS what,
  w.at_us AS since_us, f.last_us AS until_us, w.len, f.%_retransmissions AS again, w.frame,
  f.@_segments > 0 AS was_heard, w.meaning = 'unacknowledged data' AND f.opened_us IS NULL AS is_unknown_before
FROM flows AS f
JOIN close_segments AS w ON w.flow_id = f.id AND w.endpoint = '%'
  AND w.meaning IN ('unacknowledged data', 'unacknowledged data after a long silence')
JOIN captures AS c ON c.id = f.capture_id
WHERE f.close_kind NOT IN ('fin', 'refused', 'unanswered')
  AND f.%_retransmissions >= 2 AND f.last_us - f.first_us >= :unacknowledged_us AND coalesce(f.reset_by, '%') = '%'
  AND f.@_fins = 0 AND coalesce(c.filtered, 0) = 0 AND (f.@_segments > 0 OR c.directions = 2)
  AND f.last_us - w.at_us >= :unacknowledged_us
  AND (f.opened_us IS NULL OR f.@_segments > (SELECT count(*) FROM close_segments AS h
    WHERE h.flow_id = f.id AND h.endpoint = '@' AND h.meaning IN ('SYN', 'retransmitted SYN',
      'SYN-ACK', 'retransmitted SYN-ACK', 'ACK of SYN')))
  AND NOT (f.server_ip || ' ' || f.server_port IN (SELECT value FROM json_each(:middlebox))
    AND (w.meaning <> 'unacknowledged data' OR f.opened_us IS NULL))`);

/** Keep-alives that nothing answered: three, or fewer if the sender's kernel has given up by RST. */
const KEEP_ALIVES =
  eachEnd(`SELECT f.id AS flow_id, '%' AS sent_by, '@' AS side, f.@_ip AS ip, 'keep-alive' AS what,
  min(k.at_us) AS since_us, f.last_us AS until_us, 0 AS len, count(*) AS again, min(k.frame) AS frame,
  1 AS was_heard, 0 AS is_unknown_before
FROM flows AS f
JOIN close_segments AS k ON k.flow_id = f.id AND k.endpoint = '%' AND k.meaning = 'unanswered keep-alive'
JOIN captures AS c ON c.id = f.capture_id
WHERE (f.close_kind = 'open' AND f.%_segments >= 3 OR f.reset_evidence = 'probes-unanswered')
  AND f.last_us - f.first_us >= :unacknowledged_us AND coalesce(f.reset_by, '%') = '%' AND coalesce(c.filtered, 0) = 0
GROUP BY f.id HAVING count(*) >= 3 OR f.reset_evidence = 'probes-unanswered'`);

/** Connections whose peer is gone, by the host that is. */
export const GONE: Omit<Cases, 'having'> = {
  sql: `SELECT g.*, f.client_ip, f.client_port, f.server_ip, f.server_port, f.icmp_type, f.icmp_code, f.icmp_from_ip
FROM (
${DATA}
UNION ALL
${KEEP_ALIVES}
) AS g JOIN flows AS f ON f.id = g.flow_id`,
  by: ['side', 'ip'],
  measures: {
    keep_alives: "sum(what = 'keep-alive')",
    tried_us: 'max(until_us - since_us)',
    last_since_us: 'max(since_us)',
    most_again: 'max(again)',
    peers: "count(DISTINCT iif(side = 'server', client_ip, server_ip))",
    unknown_before: 'sum(is_unknown_before)',
    never_heard: 'sum(1 - was_heard)',
    full_size: 'sum(len >= 1200)',
    icmp: 'sum(icmp_type IS NOT NULL)',
    icmp_from: 'max(icmp_from_ip)',
    icmp_kind: "max(icmp_type || '/' || icmp_code)",
  },
  weight: 'until_us - since_us',
  marks: [
    'before a long silence',
    'unacknowledged data',
    'unacknowledged data after a long silence',
    'unanswered keep-alive',
    'FIN',
    'RST',
  ],
};
