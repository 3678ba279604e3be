import type { Cases } from '../../frame/cases.ts';
import { ENDPOINT } from '../../frame/subjects.ts';
import { wouldBeSeen } from '../../frame/visible.ts';

// Which CLOSE_WAITs count. A holder is an end's address and the service: its program closes them, or not.

const MARKS = ['FIN', 'FIN, ACK of FIN', 'ACK of FIN', 'data after FIN', 'RST'];

/** All CLOSE_WAITs, and what is to be known of each holder. */
const WAITS_AND_HOLDERS = `WITH waits AS (
  SELECT w.flow_id, w.endpoint, w.ip, f.client_ip, f.client_port, f.server_ip, f.server_port,
    w.entered_us AS since_us, w.entered_us + w.at_least_us AS until_us, w.at_least_us AS lasted_us,
    w.ended_by, f.first_us, f.last_us, f.reset_kind, f.capture_id,
    coalesce(f.client_missed, 0) + coalesce(f.server_missed, 0) > 0 AS has_holes,
    iif(w.endpoint = 'server', f.server_bytes, f.client_bytes) AS bytes_sent,
    iif(w.endpoint = 'server', f.client_bytes, f.server_bytes) AS bytes_received
  FROM close_waits AS w JOIN flows AS f ON f.id = w.flow_id
), holders AS (
  SELECT endpoint, ip, server_ip, server_port,
    count(*) FILTER (WHERE ended_by NOT IN ('capture-end', 'evicted', 'reopened', 'unknown')) AS closed,
    avg(lasted_us) FILTER (WHERE ended_by NOT IN ('capture-end', 'evicted', 'reopened', 'unknown')) AS usual_us,
    max(first_us) FILTER (WHERE bytes_sent > 0) AS served_us
  FROM waits GROUP BY endpoint, ip, server_ip, server_port
)`;

const JOINED = `FROM waits AS w
JOIN holders AS h USING (endpoint, ip, server_ip, server_port)
JOIN state_intervals AS s
  ON s.flow_id = w.flow_id AND s.endpoint = w.endpoint AND s.state = 'CLOSE_WAIT'`;

const SENT_AFTER_FIN = `EXISTS (SELECT 1 FROM close_segments AS d
    WHERE d.flow_id = w.flow_id AND d.endpoint = w.endpoint AND d.meaning = 'data after FIN')`;

/**
 * Those that stood when the capture ended. If the program has ended others, one has to stand ten times as long
 * as they did; if it has ended none, one that stands for long speaks for a leak, or several that stand although
 * the program has served others since. One that still sends is at work, not leaked.
 */
export const STANDING: Cases = {
  sql: `${WAITS_AND_HOLDERS}
SELECT w.*, h.closed, h.usual_us, h.served_us, s.entered_frame AS frame,
  w.flow_id IN (SELECT flow_id FROM kernel_sockets WHERE in_backlog) AS in_backlog
${JOINED}
WHERE w.ended_by = 'capture-end' AND ${wouldBeSeen('w')}
  AND (h.closed = 0 OR w.lasted_us > max(:slow_us, 10 * h.usual_us))
  AND (w.until_us - w.last_us > :slow_us OR NOT ${SENT_AFTER_FIN})`,
  by: ENDPOINT,
  measures: {
    oldest_us: 'max(lasted_us)',
    entered: 'json_group_array(since_us)',
    aged: 'sum(lasted_us >= :age_us)',
    holed: 'sum(has_holes)',
    in_holed: 'max(EXISTS (SELECT 1 FROM captures AS c WHERE c.missed > 0))',
    mute: 'sum(bytes_sent = 0 AND bytes_received > 0)',
    mute_for_us: 'max(iif(bytes_sent = 0 AND bytes_received > 0, lasted_us, 0))',
    passed_by: 'sum(since_us < served_us)',
    in_backlog: 'sum(in_backlog)',
    closed: 'max(closed)',
    usual_us: 'max(usual_us)',
  },
  having: `aged > 0 OR count >= :several
    AND (closed > 0 OR 2 * passed_by >= count OR mute = count AND mute_for_us >= :slow_us)`,
  weight: 'lasted_us',
  marks: MARKS,
};

/** Those that ended, but late. */
export const LATE: Cases = {
  sql: `${WAITS_AND_HOLDERS}
SELECT w.*, h.closed, s.entered_frame AS frame, ${SENT_AFTER_FIN} AS sent_after_fin,
  (SELECT min(d.at_us) FROM close_segments AS d
   WHERE d.flow_id = w.flow_id AND d.endpoint = w.endpoint AND d.meaning = 'data after FIN') - w.since_us AS answered_after_us
${JOINED}
WHERE w.ended_by IN ('fin', 'reset-sent', 'reset-received') AND w.lasted_us >= :slow_us`,
  by: ENDPOINT,
  measures: {
    longest_us: 'max(lasted_us)',
    average_us: 'avg(lasted_us)',
    closed: 'max(closed)',
    answered: 'sum(sent_after_fin)',
    answered_after_us: 'avg(answered_after_us)',
    wasted:
      "sum(sent_after_fin AND (ended_by = 'reset-received' OR coalesce(reset_kind, '') = 'data-after-close'))",
  },
  having: 'count >= :several',
  weight: 'lasted_us',
  marks: MARKS,
};
