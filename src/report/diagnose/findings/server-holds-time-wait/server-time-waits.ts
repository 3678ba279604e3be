import { code } from '../../../../flow/format/word-table.ts';
import { CLOSED_FIRST } from '../../../../flow/format/words.ts';
import { MARKS, PACE_MEASURES } from '../../family/client-time-waits/time-wait-cases.ts';
import type { Cases } from '../../frame/cases.ts';
import { SERVICE } from '../../frame/subjects.ts';

const SERVER_FIRST = code(CLOSED_FIRST, 'server');

/** The TIME_WAITs of servers that close first, one row each. */
export const SERVER_TIME_WAITS: Cases = {
  sql: `SELECT w.flow_id, w.peer_ip AS client_ip, w.peer_port AS client_port,
  w.ip AS server_ip, w.port AS server_port, f.first_us, w.entered_us AS since_us,
  w.entered_us + coalesce(w.at_most_us, iif(w.ended_by = 'expired', w.expected_us, w.at_least_us)) AS until_us,
  w.expected_us, w.ended_by, f.observed_us, f.close_started_us - f.first_us AS lived_us,
  (SELECT s.entered_frame FROM state_intervals AS s
   WHERE s.flow_id = w.flow_id AND s.endpoint = 'server' AND s.state = 'TIME_WAIT') AS frame
FROM time_waits AS w
JOIN flows AS f ON f.id = w.flow_id
WHERE w.endpoint = 'server' AND f.closed_first = 'server'`,
  by: SERVICE,
  measures: {
    ...PACE_MEASURES,
    brief: 'sum(lived_us < :brief_us)',
    lived_us: 'avg(lived_us)',
  },
  marks: MARKS,
};

/** A condition on flow_data: the server closed first, and its TIME_WAIT was seen. */
export const HELD_BY_SERVER = `server_time_wait IS NOT NULL AND closed_first = ${SERVER_FIRST}`;
