import { eachEnd } from '../../frame/frequent.ts';
import { wouldBeSeen } from '../../frame/visible.ts';

// An end that has closed, and whose kernel knows nothing more of it when the peer's FIN comes: it answers
// by an RST without ACK. A socket, or a TIME_WAIT, would have acknowledged that FIN. Where data met the close, the
// RST is the answer to that (keep-alive-race, aborts), and a second one to the FIN means nothing.

/** Each such close: how long FIN_WAIT_2 had been over when the RST went out is not seen, only that it was. */
export const REFUSED_FINS = eachEnd(`SELECT f.id AS flow_id, '%' AS endpoint, f.%_ip AS ip,
  f.client_ip, f.client_port, f.server_ip, f.server_port,
  s.entered_us AS since_us, f.close_ended_us AS until_us, f.close_ended_us - s.entered_us AS lasted_us,
  f.close_kind, f.reset_by, r.flags, s.entered_frame AS fin_wait_2_frame, r.frame AS rst_frame
FROM flows AS f
JOIN state_intervals AS s ON s.flow_id = f.id AND s.endpoint = '%' AND s.state = 'FIN_WAIT_2'
JOIN close_segments AS r ON r.flow_id = f.id AND r.endpoint = '%' AND r.meaning = 'RST'
WHERE f.close_kind = 'fin-reset' AND f.closed_first = '%' AND f.reset_by = '%' AND f.@_fins > 0
  AND f.reset_kind <> 'data-after-close' AND f.late_data_us IS NULL AND r.flags = 'RST'
  AND ${wouldBeSeen('f')}`);

/** Segments that show it. */
export const REFUSED_FIN_MARKS = ['FIN', 'FIN, ACK of FIN', 'ACK of FIN', 'RST'];

/** The shortest timer of any system that ends FIN_WAIT_2. */
export const SHORTEST_FIN_WAIT_2_US = 1_000_000;
