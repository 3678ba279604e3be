import type { Database } from 'better-sqlite3';
import { endName } from '../../flows/name.ts';
import { type CaseGroup, type Cases, groupCases } from '../cases.ts';
import type { Finding } from '../finding.ts';
import type { Context, Rule } from '../rule.ts';

/** CLOSE_WAITs that nobody ends, or ends late: TCP has no timer for them. */
export const closeWaitLeak: Rule = {
  code: 'close-wait-leak',
  title: 'CLOSE_WAIT that its program does not end',
  looksFor:
    'an end that got a FIN, acknowledged it and sent none of its own before the capture ended, or only late',
  thresholds: ['close-wait-age', 'close-wait-count', 'slow-close', 'descriptor-limit'],
  candidates: 'client_close_wait IS NOT NULL OR server_close_wait IS NOT NULL',
  find: (db, context) => standing(db, context).map((group) => leak(group, context)),
};

/**
 * Those that stood when the capture ended. Where the program has ended others, one has to stand ten times
 * as long as they did; where it has ended none, a minute alone speaks for a leak, or several that stand
 * although the program has served others since.
 */
const STANDING: Cases = {
  sql: `WITH waits AS (
  SELECT w.flow_id, w.endpoint, w.ip, f.client_ip, f.client_port, f.server_ip, f.server_port,
    w.entered_us AS since_us, w.entered_us + w.at_least_us AS until_us,
    w.at_least_us AS lasted_us, w.ended_by, f.first_us,
    iif(w.endpoint = 'server', f.server_bytes, f.client_bytes) AS bytes_sent,
    iif(w.endpoint = 'server', f.client_bytes, f.server_bytes) AS bytes_received
  FROM close_waits AS w JOIN flows AS f ON f.id = w.flow_id
), holders AS (
  SELECT endpoint, ip, server_ip, server_port,
    count(*) FILTER (WHERE ended_by = 'fin') AS closed,
    avg(lasted_us) FILTER (WHERE ended_by = 'fin') AS usual_us,
    max(first_us) FILTER (WHERE bytes_sent > 0) AS served_us
  FROM waits GROUP BY endpoint, ip, server_ip, server_port
)
SELECT w.*, h.closed, h.usual_us, h.served_us, s.entered_frame AS frame
FROM waits AS w
JOIN holders AS h USING (endpoint, ip, server_ip, server_port)
JOIN state_intervals AS s
  ON s.flow_id = w.flow_id AND s.endpoint = w.endpoint AND s.state = 'CLOSE_WAIT'
WHERE w.ended_by = 'capture-end'
  AND (h.closed = 0 OR w.lasted_us > max(:slow_us, 10 * h.usual_us))`,
  by: ['endpoint', 'ip', 'server_ip', 'server_port'],
  measures: {
    oldest_us: 'max(lasted_us)',
    aged: 'sum(lasted_us >= :age_us)',
    mute: 'sum(bytes_sent = 0 AND bytes_received > 0)',
    passed_by: 'sum(since_us < served_us)',
    closed: 'max(closed)',
    usual_us: 'max(usual_us)',
  },
  having: 'aged > 0 OR count >= :several AND (closed > 0 OR mute = count OR 2 * passed_by >= count)',
  weight: 'lasted_us',
  marks: ['FIN', 'FIN, ACK of FIN', 'ACK of FIN', 'data after FIN'],
};

function standing(db: Database, { thresholds }: Context): CaseGroup[] {
  return groupCases(db, STANDING, {
    age_us: thresholds['close-wait-age'] * 1e6,
    slow_us: thresholds['slow-close'] * 1e6,
    several: thresholds['close-wait-count'],
  });
}

function leak(group: CaseGroup, { thresholds }: Context): Finding {
  const isServer = group.text('endpoint') === 'server';
  const service = endName(group.text('server_ip'), group.number('server_port'));
  const severity = group.count >= thresholds['close-wait-count'] ? 'warning' : 'info';
  return {
    code: closeWaitLeak.code,
    title: closeWaitLeak.title,
    severity,
    subject: isServer ? service : `${group.text('ip')} -> ${service}`,
    count: group.count,
    sinceUs: group.sinceUs,
    untilUs: group.untilUs,
    evidence: group.evidence([
      { name: 'standing', value: group.count, kind: 'count' },
      { name: 'oldest_us', value: group.number('oldest_us'), kind: 'duration' },
      { name: 'closed_by_the_program', value: group.number('closed'), kind: 'count' },
    ]),
    cause: 'The peer has closed, and the program that has these sockets does not call close().',
    remedies: ['Close the socket when recv() returns 0, on every path.'],
    notToDo: ['No sysctl ends a CLOSE_WAIT.'],
    confidence: group.number('aged') > 0 ? 'likely' : 'possible',
    confidenceReason: 'the capture ended while they stood',
  };
}
