import { ENDPOINTS } from '../../../../flow/format/words.ts';
import type { Cases } from '../../frame/cases.ts';
import { type Conclusion, certain, likely } from '../../frame/conclusion.ts';
import { type Frequent, frequentLosses, LOSS_THRESHOLDS, shareNumbers } from '../../frame/frequent.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Rule } from '../../frame/rule.ts';
import { goneAdvice, lostAdvice } from './fin-retransmitted-advice.ts';

/**
 * A FIN that was sent again because no ACK of it had come; those that were acknowledged are last-ack-lost.
 * If two FINs crossed, BSD repeats its FIN in the acknowledgment; if one direction is not in the capture,
 * nothing is known of ACKs.
 */
const CASES: Omit<Cases, 'by'> = {
  sql: `SELECT f.id AS flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
  f.close_started_us AS since_us, coalesce(f.close_ended_us, f.last_us) AS until_us,
  f.client_fins, f.server_fins, f.close_kind, f.client_state, f.server_state,
  f.client_state IN ('FIN_WAIT_1', 'CLOSING', 'LAST_ACK')
    OR f.server_state IN ('FIN_WAIT_1', 'CLOSING', 'LAST_ACK') AS unacknowledged,
  max(f.client_fins - 1, 0) + max(f.server_fins - 1, 0) AS fins_again,
  f.client_retransmissions + f.server_retransmissions AS segments_again,
  f.client_segments + f.server_segments AS segments, f.first_frame
FROM flows AS f
LEFT JOIN time_waits AS c ON c.flow_id = f.id AND c.endpoint = 'client'
LEFT JOIN time_waits AS s ON s.flow_id = f.id AND s.endpoint = 'server'
WHERE (f.client_fins > 1 AND coalesce(s.rearmed, 0) = 0 OR f.server_fins > 1 AND coalesce(c.rearmed, 0) = 0)
  AND f.closed_first <> 'both' AND f.client_segments > 0 AND f.server_segments > 0`,
  measures: {
    fins_again: 'sum(fins_again)',
    most: 'max(max(client_fins, server_fins))',
    unacknowledged: 'sum(unacknowledged)',
    by_client: 'sum(client_fins > 1)',
    late_us: 'avg(until_us - since_us) FILTER (WHERE NOT unacknowledged)',
    others_again: 'sum(max(segments_again - fins_again, 0))',
  },
  weight: 'fins_again',
  marks: ['FIN', 'FIN, ACK of FIN', 'retransmitted FIN', 'ACK of FIN'],
};

/** FINs that get lost, or that nobody is there to acknowledge. */
export const finRetransmitted: Rule = {
  code: 'fin-retransmitted',
  title: 'FINs have to be sent again',
  looksFor: 'A FIN that was sent more than once because no acknowledgment had come.',
  thresholds: LOSS_THRESHOLDS,
  candidates: ENDPOINTS.map((end) => `${end}_fins > 1`).join(' OR '),
  several: 'close-trouble-count',
  find: (db, { thresholds }) => frequentLosses(db, CASES, thresholds).map(conclude),
};

function conclude(frequent: Frequent): Conclusion {
  const { group, subject } = frequent;
  const unacknowledged = group.number('unacknowledged');
  const byClient = group.number('by_client');
  const othersAgain = group.number('others_again');
  const isGone = 2 * unacknowledged > group.count;
  const sender = 2 * byClient > group.count ? 'client' : 'server';
  return {
    group,
    // Mobile hosts go away without closing every day, and there is nothing to be repaired.
    severity: isGone ? 'info' : 'warning',
    subject,
    numbers: {
      closes: group.count,
      ...shareNumbers(frequent),
      fins_sent_again: group.number('fins_again'),
      most_of_one_end: group.number('most'),
      by_the_client: byClient,
      never_acknowledged: ifAny(unacknowledged),
      close_took_average_us: unacknowledged < group.count ? group.number('late_us') : undefined,
      other_segments_sent_again: othersAgain,
    },
    advice: isGone ? goneAdvice(sender) : lostAdvice(sender, othersAgain > 0),
    certainty: isGone
      ? likely('no acknowledgment came while it was captured')
      : certain('the same FIN was captured again'),
  };
}
