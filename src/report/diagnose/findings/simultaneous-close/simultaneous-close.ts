import { BOTH } from '../../../../flow/format/words.ts';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { type Conclusion, certain } from '../../frame/conclusion.ts';
import type { Rule } from '../../frame/rule.ts';
import { SERVICE, serviceSubject } from '../../frame/subjects.ts';

const CASES: Cases = {
  sql: `SELECT f.id AS flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
  f.close_started_us AS since_us, coalesce(f.close_ended_us, f.last_us) AS until_us,
  f.client_fin_us, f.server_fin_us, f.client_state, f.server_state,
  (SELECT s.entered_frame FROM state_intervals AS s
   WHERE s.flow_id = f.id AND s.endpoint = 'client' AND s.state = 'FIN_WAIT_1') AS client_fin_frame,
  (SELECT s.entered_frame FROM state_intervals AS s
   WHERE s.flow_id = f.id AND s.endpoint = 'server' AND s.state = 'FIN_WAIT_1') AS server_fin_frame
FROM flows AS f
WHERE f.closed_first = 'both'`,
  by: SERVICE,
  measures: { apart_us: 'avg(abs(client_fin_us - server_fin_us))' },
  having: 'count >= :several',
  marks: ['FIN', 'FIN, ACK of FIN', 'ACK of FIN'],
};

/** Both ends close at the same moment: legal, but each is then left with a TIME_WAIT. */
export const simultaneousClose: Rule = {
  code: 'simultaneous-close',
  title: 'both ends close at once, and each is left with a TIME_WAIT',
  looksFor: 'Two FINs that crossed, neither of which acknowledges the other.',
  thresholds: ['close-trouble-count'],
  candidates: `closed_first = ${BOTH}`,
  several: 'close-trouble-count',
  worst: 'info',
  find: (db, { thresholds }) =>
    groupCases(db, CASES, { several: thresholds['close-trouble-count'] }).map(conclude),
};

function conclude(group: CaseGroup): Conclusion {
  return {
    group,
    severity: 'info',
    subject: serviceSubject(group),
    numbers: { closed_at_once: group.count, fins_apart_us: group.number('apart_us') },
    advice: {
      title: 'both ends close at once',
      cause:
        'Both programs take the same moment for the end: the same idle timeout at both, or a last message after ' +
        'which either closes. Both FINs are under way before either arrives; both ends pass through CLOSING, and ' +
        'each waits in TIME_WAIT. Nothing is lost by it.',
      remedies: [
        'Nothing has to be done. To have the TIME_WAIT at one end only, let one end be the one that closes, ' +
          'and the other close when recv() returns 0.',
        "Where two idle timeouts are equal, make the client's a few seconds shorter: else a request may meet " +
          'the FIN, and fails.',
      ],
      notToDo: [
        'SO_LINGER with 0 to do without TIME_WAIT: it aborts by RST, and what is under way is lost.',
        'net.ipv4.tcp_fin_timeout has nothing to do with CLOSING or TIME_WAIT.',
      ],
    },
    certainty: certain('both FINs are there, and neither acknowledges the other'),
  };
}
