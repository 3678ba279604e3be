import { REFUSED_FIN_MARKS, REFUSED_FINS } from '../../family/fin-refused/fin-refused-cases.ts';
import type { Cases } from '../../frame/cases.ts';
import { SERVICE } from '../../frame/subjects.ts';

/**
 * SYNs that met a TIME_WAIT of the server, whose kernel answered with the last ACK of the old connection:
 * one row per new connection. The client refuses that ACK by RST, which ends the TIME_WAIT, and sends its
 * SYN again.
 */
export const REFUSED_SYNS: Cases = {
  sql: `WITH answers AS MATERIALIZED (
  SELECT f.id AS old_flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
    f.close_ended_us, f.reset_kind, s.at_us, s.frame AS ack_frame
  FROM flows AS f CROSS JOIN close_segments AS s ON s.flow_id = f.id
  WHERE f.last_us > f.close_ended_us AND s.endpoint = 'server' AND s.meaning = 'repeated ACK of FIN'
)
SELECT f.id AS flow_id, a.old_flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
  f.first_us AS since_us, coalesce(f.opened_us, f.last_us) AS until_us,
  f.opened_us - f.first_us AS delay_us, f.first_us - a.close_ended_us AS in_time_wait_for_us,
  a.reset_kind AS old_reset_kind, f.first_frame AS syn_frame, min(a.ack_frame) AS ack_frame
FROM flows AS f CROSS JOIN answers AS a
  ON a.client_ip = f.client_ip AND a.client_port = f.client_port
  AND a.server_ip = f.server_ip AND a.server_port = f.server_port
WHERE f.id <> a.old_flow_id AND a.at_us BETWEEN f.first_us AND coalesce(f.opened_us, f.last_us)
GROUP BY f.id`,
  by: SERVICE,
  measures: {
    delay_us: 'avg(delay_us)',
    longest_us: 'max(delay_us)',
    in_vain: 'sum(delay_us IS NULL)',
    clients: 'count(DISTINCT client_ip)',
  },
  having: 'count >= :several',
  weight: 'coalesce(delay_us, 1e12)',
  marks: ['SYN', 'retransmitted SYN', 'SYN-ACK'],
};

/**
 * SYNs that never opened a connection, for the server answered each by the same ACK of an old connection, which is not
 * in the capture: the RST by which the client refuses it would have ended that.
 */
export const STUCK_SYNS: Cases = {
  sql: `SELECT f.id AS flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
  f.first_us AS since_us, f.last_us AS until_us, f.last_us - f.first_us AS tried_us, f.client_rsts AS rsts,
  count(*) AS old_acks, f.first_frame AS syn_frame, min(s.frame) AS ack_frame
FROM flows AS f
JOIN close_segments AS s ON s.flow_id = f.id AND s.endpoint = 'server' AND s.meaning = 'challenge ACK'
WHERE f.opened_us IS NULL AND f.client_state = 'SYN_SENT' AND f.server_isn IS NULL
GROUP BY f.id HAVING count(DISTINCT s.ack) = 1 AND count(*) >= 2`,
  by: SERVICE,
  measures: {
    tried_us: 'max(tried_us)',
    with_rst: 'sum(rsts > 0)',
    clients: 'count(DISTINCT client_ip)',
  },
  having: 'count >= :several',
  weight: 'tried_us',
  marks: ['SYN', 'challenge ACK', 'spurious RST', 'RST', 'retransmitted SYN'],
};

/** FINs that were answered by RST at once, so that there was no TIME_WAIT to take them. */
export const MISSING_TIME_WAITS: Cases = {
  sql: `SELECT * FROM (
${REFUSED_FINS}
) WHERE lasted_us < :at_once_us`,
  by: ['ip'],
  measures: { longest_us: 'max(lasted_us)' },
  having: 'count >= :several',
  marks: REFUSED_FIN_MARKS,
};
