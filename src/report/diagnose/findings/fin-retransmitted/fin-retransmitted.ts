import { ENDPOINTS } from '../../../../flow/format/words.ts';
import type { Cases } from '../../frame/cases.ts';
import { type Certainty, type Conclusion, likely, possible } from '../../frame/conclusion.ts';
import {
  areFrequent,
  type Frequent,
  frequentLosses,
  LOSS_THRESHOLDS,
  shareNumbers,
} from '../../frame/frequent.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Rule } from '../../frame/rule.ts';
import type { Thresholds } from '../../frame/thresholds.ts';
import { wouldBeSeen } from '../../frame/visible.ts';
import { goneAdvice, lostAdvice, needlessAdvice } from './fin-retransmitted-advice.ts';

/**
 * A FIN that was sent again because no ACK of it had come; those that were acknowledged are last-ack-lost.
 * If two FINs crossed, BSD repeats its FIN in the acknowledgment; if one direction is not in the capture,
 * nothing is known of ACKs. Sooner than the least retransmission timeout (Linux TCP_RTO_MIN, 200 ms) it may have
 * been a tail-loss probe (RFC 8985 7), which comes without loss as well.
 */
const CASES: Omit<Cases, 'by'> = {
  sql: `SELECT *,
  NOT is_lost AND NOT unacknowledged AND is_reported AS spurious,
  is_lost AND NOT unacknowledged AS lost
FROM (
  SELECT f.id AS flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
    f.close_started_us AS since_us, coalesce(f.close_ended_us, f.last_us) AS until_us,
    f.client_fins, f.server_fins, f.close_kind, f.client_state, f.server_state,
    f.client_state IN ('FIN_WAIT_1', 'CLOSING', 'LAST_ACK')
      OR f.server_state IN ('FIN_WAIT_1', 'CLOSING', 'LAST_ACK') AS unacknowledged,
    max(f.client_fins - 1, 0) + max(f.server_fins - 1, 0) AS fins_again,
    f.client_retransmissions + f.server_retransmissions AS segments_again,
    f.client_segments + f.server_segments AS segments, f.first_frame,
    EXISTS (SELECT 1 FROM close_segments AS a
      WHERE a.flow_id = f.id AND a.meaning = 'spurious retransmitted FIN') AS is_reported,
    EXISTS (SELECT 1 FROM close_segments AS a
      WHERE a.flow_id = f.id AND a.meaning = 'retransmitted FIN' AND a.at_us - 200000 >= CASE
        WHEN a.endpoint = 'client' AND coalesce(s.rearmed, 0) = 0 THEN f.client_fin_us
        WHEN a.endpoint = 'server' AND coalesce(c.rearmed, 0) = 0 THEN f.server_fin_us END) AS is_lost
  FROM flows AS f
  LEFT JOIN time_waits AS c ON c.flow_id = f.id AND c.endpoint = 'client'
  LEFT JOIN time_waits AS s ON s.flow_id = f.id AND s.endpoint = 'server'
  WHERE (f.client_fins > 1 AND coalesce(s.rearmed, 0) = 0 OR f.server_fins > 1 AND coalesce(c.rearmed, 0) = 0)
    AND f.closed_first <> 'both' AND f.client_segments > 0 AND f.server_segments > 0
    AND ${wouldBeSeen('f')}
)`,
  measures: {
    fins_again: 'sum(fins_again)',
    most: 'max(max(client_fins, server_fins))',
    unacknowledged: 'sum(unacknowledged)',
    lost: 'sum(lost)',
    spurious: 'sum(spurious)',
    by_client: 'sum(client_fins > 1)',
    late_us: 'avg(until_us - since_us) FILTER (WHERE NOT unacknowledged)',
    others_again: 'sum(max(segments_again - fins_again, 0))',
  },
  weight: '1000 * lost + fins_again',
  marks: ['FIN', 'FIN, ACK of FIN', 'retransmitted FIN', 'spurious retransmitted FIN', 'ACK of FIN'],
};

/** FINs that get lost, that nobody is there to acknowledge, or that come again without need. */
export const finRetransmitted: Rule = {
  code: 'fin-retransmitted',
  title: 'FINs are sent again',
  looksFor: 'A FIN that was sent more than once because no acknowledgment had come.',
  thresholds: LOSS_THRESHOLDS,
  candidates: ENDPOINTS.map((end) => `${end}_fins > 1`).join(' OR '),
  several: 'close-trouble-count',
  worst: 'warning',
  find: (db, { thresholds }) =>
    frequentLosses(db, CASES, thresholds).map((frequent) => conclude(frequent, thresholds)),
};

function conclude(frequent: Frequent, thresholds: Thresholds): Conclusion {
  const { group, subject } = frequent;
  const unacknowledged = group.number('unacknowledged');
  const lost = group.number('lost');
  const spurious = group.number('spurious');
  const unknown = group.count - unacknowledged - lost - spurious;
  const othersAgain = group.number('others_again');
  const sender = 2 * group.number('by_client') > group.count ? 'client' : 'server';
  const isGone = 2 * unacknowledged > group.count;
  const isLoss = !isGone && areFrequent(lost, frequent, thresholds);
  return {
    group,
    // Mobile hosts go away without closing every day, and there is nothing to be repaired.
    severity: isLoss ? 'warning' : 'info',
    subject,
    numbers: {
      closes: group.count,
      ...shareNumbers(frequent),
      fins_sent_again: group.number('fins_again'),
      most_of_one_end: group.number('most'),
      by_the_client: group.number('by_client'),
      lost_or_their_ack: lost,
      arrived_before: spurious,
      lost_or_not_is_unknown: unknown,
      never_acknowledged: ifAny(unacknowledged),
      close_took_average_us: unacknowledged < group.count ? group.number('late_us') : undefined,
      other_segments_sent_again: othersAgain,
    },
    advice: isGone
      ? goneAdvice(sender)
      : isLoss
        ? lostAdvice(sender, othersAgain > 0)
        : needlessAdvice(sender),
    certainty: isGone
      ? likely('no acknowledgment came while it was captured')
      : isLoss
        ? likely('it came after a timeout, and no D-SACK reports that it had arrived before')
        : needless(spurious, unknown),
  };
}

function needless(spurious: number, unknown: number): Certainty {
  return spurious > unknown
    ? likely('the receiver reports that it had arrived before (D-SACK)')
    : possible('it came sooner than any timeout, and nothing shows whether the first one had arrived');
}
