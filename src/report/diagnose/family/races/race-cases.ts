import { code } from '../../../../flow/format/word-table.ts';
import { CLOSED_FIRST, type Endpoint } from '../../../../flow/format/words.ts';
import { closeKind } from '../../frame/codes.ts';

// A connection that was idle is closed by the server as, or before, the client uses it again: the request is lost.

/** No server closes for idleness sooner. */
export const SHORTEST_IDLE_US = 100_000;
/** Round trips; what comes sooner belongs to the exchange before. */
const IDLE_ROUND_TRIPS = 10;
/** Taken for the round trip where no handshake shows it. */
const UNKNOWN_ROUND_TRIP_US = 100_000;
/** Bytes at most of a goodbye that may be a TLS alert, and of one that is none: QUIT, COM_QUIT. No HTTP request is so short. */
const ALERT_BYTES = 64;
const GOODBYE_BYTES = 24;
/** A goodbye is sent right before the FIN. */
const GOODBYE_US = 1_000;

/** A condition on flow_data: the server closed it when it was idle, whether a request met that or not. */
export const MAY_CLOSE_IDLE = `closed_first = ${code(CLOSED_FIRST, 'server')} AND idle_before_close >= ${SHORTEST_IDLE_US}`;

/** A condition on flow_data that every race meets. */
export const MAY_BE_RACE = `${MAY_CLOSE_IDLE} AND (late_data IS NOT NULL AND late_data_is_alert IS NOT 1 OR close_kind = ${closeKind('reset')})`;

/** A condition: the row `d` is data of this end that a FIN met, and no goodbye right before its own FIN, or the RST that forestalled that. */
export function isNoGoodbye(end: Endpoint): string {
  return `NOT coalesce(d.meaning <> 'data crossing FIN'
    AND coalesce(f.${end}_fin_us, f.close_ended_us, d.at_us) - d.at_us BETWEEN 0 AND ${GOODBYE_US}
    AND coalesce((SELECT min(o.seq + o.len) - d.seq FROM close_segments AS o
      WHERE o.flow_id = f.id AND o.endpoint = d.endpoint AND o.flags LIKE '%FIN%'), d.len)
      <= iif(f.late_data_is_alert IS NULL, ${ALERT_BYTES}, ${GOODBYE_BYTES}), 0)`;
}

/**
 * Each request that was lost so: to a FIN of the server, or, where it closes by RST, to that. What a server
 * acknowledged after its FIN was not lost: it had closed its own direction only.
 */
export const RACES = `WITH idle AS (
  SELECT f.*, min(f.opened_us - f.first_us) OVER (PARTITION BY f.client_ip, f.server_ip, f.server_port) AS round_trip_us
  FROM flows AS f
  WHERE f.closed_first = 'server' AND f.idle_before_close_us >= ${SHORTEST_IDLE_US}
    AND (f.late_data_us IS NOT NULL OR f.close_kind = 'reset')
), met AS (
  SELECT f.id, f.late_data_us AS gap_us, iif(d.meaning IN ('data crossing FIN', 'FIN'), 'crossed', 'after') AS way, d.frame
  FROM idle AS f
  JOIN close_segments AS d ON d.flow_id = f.id AND d.endpoint = 'client'
    AND d.at_us = f.close_started_us + f.late_data_us AND d.len > 0
  WHERE coalesce(f.late_data_is_alert, 0) = 0
    AND ${isNoGoodbye('client')}
    AND (f.reset_by = 'server' AND f.reset_kind <> 'injected'
      OR f.reset_by IS NULL AND f.close_kind IN ('half', 'fin-unacked') AND NOT EXISTS (SELECT 1 FROM close_segments AS a
        WHERE a.flow_id = f.id AND a.endpoint = 'server' AND a.at_us > d.at_us AND a.ack >= d.seq + d.len))
  GROUP BY f.id
  UNION ALL
  SELECT f.id, NULL, 'crossed', r.frame
  FROM idle AS f
  JOIN close_segments AS r ON r.flow_id = f.id AND r.endpoint = 'server' AND r.meaning = 'RST'
  WHERE f.close_kind = 'reset' AND f.reset_by = 'server' AND f.client_isn IS NOT NULL AND f.client_retransmissions = 0
    AND f.reset_kind = 'unread-data-or-linger' AND r.ack - 1 < f.client_bytes
)
SELECT f.id AS flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
  f.close_started_us AS since_us, f.last_us AS until_us, f.idle_before_close_us AS idle_us, m.gap_us, m.way,
  f.close_kind, f.reset_by, f.round_trip_us, f.client_missed + f.server_missed AS missed, m.frame
FROM idle AS f JOIN met AS m ON m.id = f.id
WHERE f.idle_before_close_us >= ${IDLE_ROUND_TRIPS} * coalesce(f.round_trip_us, ${UNKNOWN_ROUND_TRIP_US})`;
