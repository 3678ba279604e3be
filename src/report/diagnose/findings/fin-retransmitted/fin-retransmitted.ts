import { ENDPOINTS } from '../../../../flow/format/words.ts';
import type { Cases } from '../../frame/cases.ts';
import type { Finding } from '../../frame/finding.ts';
import { type Frequent, frequentLosses, LOSS_THRESHOLDS } from '../../frame/frequent.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Rule } from '../../frame/rule.ts';

/**
 * A FIN that was sent again because no ACK of it had come; those that were acknowledged are last-ack-lost.
 * Where two FINs crossed, BSD repeats its FIN in the acknowledgment; where one direction is not in the
 * capture, nothing is known of ACKs.
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
  find: (db, { thresholds }) => frequentLosses(db, CASES, thresholds).map(again),
};

const NOT_TO_DO: readonly string[] = [
  'net.ipv4.tcp_fin_timeout: it bounds orphans in FIN_WAIT_2, and these are in FIN_WAIT_1 or LAST_ACK.',
  'SO_LINGER with 0, so that close() does not wait: it aborts by RST, which is not even sent again when it is lost.',
];

const ORPHANS =
  'How often a closed socket sends its FIN is net.ipv4.tcp_orphan_retries (0 means 8 times, for about 100 s); ' +
  'tcp_max_orphans bounds how many there are. Lower it only where orphans pile up.';

function again({ group, subject, whole, percent }: Frequent): Finding {
  const [unacknowledged, byClient] = [group.number('unacknowledged'), group.number('by_client')];
  const isGone = 2 * unacknowledged > group.count;
  const sender = 2 * byClient > group.count ? 'client' : 'server';
  return {
    code: finRetransmitted.code,
    title: isGone ? 'FINs that nobody acknowledges: the peer is gone' : 'FINs are lost, and sent again',
    // Peers that go away without a word are the rule with mobile hosts, and nothing is to be repaired.
    severity: isGone ? 'info' : 'warning',
    subject,
    count: group.count,
    sinceUs: group.sinceUs,
    untilUs: group.untilUs,
    evidence: group.evidence({
      closes: group.count,
      of: whole,
      share_percent: percent,
      fins_sent_again: group.number('fins_again'),
      most_of_one_end: group.number('most'),
      by_the_client: byClient,
      never_acknowledged: ifAny(unacknowledged),
      close_took_average_us: unacknowledged < group.count ? group.number('late_us') : undefined,
      other_segments_sent_again: group.number('others_again'),
    }),
    cause: isGone
      ? `The ${sender} sent FIN after FIN, at growing intervals, and got no answer: the other host is off, asleep ` +
        'or out of reach, or a firewall between has forgotten the connection and drops what it does not know. ' +
        'Meanwhile the socket is an orphan in FIN_WAIT_1 or LAST_ACK.'
      : `FINs of the ${sender}, or their ACKs, were lost, and sent again after the retransmission timeout: 200 ms ` +
        'and more on Linux, doubled each time. ' +
        (group.number('others_again') > 0
          ? 'Other segments of these connections were lost, too: it is the path, not the close.'
          : 'No other segment of these connections was: something on the way treats the end of a connection in a ' +
            'way of its own, or only the last segments meet it.'),
    remedies: isGone
      ? [
          'Nothing, where peers are mobile or go away: that is how they look.',
          'Where it follows a silence: keep-alive that is shorter than the timeout of the firewall between.',
          ORPHANS,
        ]
      : [
          'Look for loss on the path: drops of interfaces and queues (ip -s link, tc -s qdisc, ethtool -S), a policer, ' +
            'a full link, a firewall that limits packets.',
          'Capture at both ends: what is there on one side only was lost between.',
          ORPHANS,
        ],
    notToDo: NOT_TO_DO,
    confidence: isGone ? 'likely' : 'certain',
    confidenceReason: isGone
      ? 'no acknowledgment came while it was captured'
      : 'the same FIN was captured again',
  };
}
