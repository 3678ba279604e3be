import { ENDPOINTS } from '../../../../flow/format/words.ts';
import type { Cases } from '../../frame/cases.ts';
import { type Conclusion, certain, possible } from '../../frame/conclusion.ts';
import {
  areFrequent,
  eachEnd,
  type Frequent,
  frequentLosses,
  LOSS_THRESHOLDS,
  shareNumbers,
} from '../../frame/frequent.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Rule } from '../../frame/rule.ts';

/**
 * An end sent its FIN again although the last ACK had passed the capture: TIME_WAIT answered it again. Not if
 * two FINs crossed: BSD's acknowledgment out of CLOSING has the FIN in it again. Sooner than the least retransmission
 * timeout (Linux TCP_RTO_MIN, 200 ms) it may have been a tail-loss probe (RFC 8985 7), and right after the ACK the two
 * may have crossed: then nothing shows that the ACK was lost.
 */
const CASES: Omit<Cases, 'by'> = {
  sql: eachEnd(`SELECT f.id AS flow_id, '@' AS endpoint, f.client_ip, f.client_port, f.server_ip, f.server_port,
  w.entered_us AS since_us, f.last_us AS until_us, w.rearmed, f.@_fins AS fins,
  EXISTS (SELECT 1 FROM close_segments AS a
    WHERE a.flow_id = f.id AND a.endpoint = '@' AND a.meaning IN ('retransmitted FIN', 'spurious retransmitted FIN')
      AND a.at_us - f.@_fin_us >= 200000 AND a.at_us - w.entered_us >= 100000) AS lost,
  (SELECT s.entered_frame FROM state_intervals AS s
   WHERE s.flow_id = f.id AND s.endpoint = '@' AND s.state = 'LAST_ACK') AS fin_frame,
  (SELECT s.entered_frame FROM state_intervals AS s
   WHERE s.flow_id = f.id AND s.endpoint = '%' AND s.state = 'TIME_WAIT') AS last_ack_frame
FROM time_waits AS w
JOIN flows AS f ON f.id = w.flow_id
WHERE w.endpoint = '%' AND w.rearmed > 0 AND f.closed_first = '%' AND f.@_fins > 1`),
  measures: {
    again: 'sum(rearmed)',
    lost: 'sum(lost)',
    most: 'max(rearmed)',
    at_server: "sum(endpoint = 'server')",
  },
  weight: '1000 * lost + rearmed',
  marks: [
    'FIN',
    'FIN, ACK of FIN',
    'ACK of FIN',
    'retransmitted FIN',
    'spurious retransmitted FIN',
    'repeated ACK of FIN',
  ],
};

/** One ACK that is lost is loss; if all of a close are, something drops them. */
const ALWAYS = 3;

/** The ACK of the last FIN gets lost after it has passed the capture. */
export const lastAckLost: Rule = {
  code: 'last-ack-lost',
  title: 'the last ACK of the close does not arrive',
  looksFor:
    'A FIN that was acknowledged, and was sent again all the same: the ACK was lost beyond the capture point, or crossed a probe.',
  thresholds: LOSS_THRESHOLDS,
  candidates: ENDPOINTS.map((end) => `${end}_time_wait_rearmed > 0`).join(' OR '),
  several: 'close-trouble-count',
  worst: 'warning',
  find: (db, { thresholds }) =>
    frequentLosses(db, CASES, thresholds).map((frequent) =>
      areFrequent(frequent.group.number('lost'), frequent, thresholds)
        ? conclude(frequent)
        : needless(frequent),
    ),
};

function conclude(frequent: Frequent): Conclusion {
  const { group, subject } = frequent;
  const again = group.number('again');
  const isDropped = again >= ALWAYS * group.count;
  const end = 2 * group.number('at_server') > group.count ? 'server' : 'client';
  return {
    group,
    severity: 'warning',
    subject,
    numbers: {
      closes: group.count,
      ...shareNumbers(frequent),
      lost: group.number('lost'),
      lost_or_not_is_unknown: ifAny(group.count - group.number('lost')),
      fins_sent_again: again,
      most_in_one_close: group.number('most'),
    },
    advice: {
      title: isDropped ? 'every last ACK is dropped on its way' : 'last ACKs are lost on their way',
      cause:
        `The ${end}'s FIN was acknowledged where this was captured, but the ACK did not get back to it: it sent the FIN ` +
        'again from LAST_ACK, and the TIME_WAIT of the other end answered, and was re-armed. ' +
        (isDropped
          ? 'As each of several ACKs of the same close was lost, that is no accident: a firewall or a balancer on ' +
            'the way forgets the connection at the second FIN and drops what comes after.'
          : 'Packets are lost, or come later than a retransmission, between the capture and that end. The close ' +
            'gets through, some hundred milliseconds late; that is what TIME_WAIT is for.'),
      remedies: isDropped
        ? [
            'Capture on either side of each firewall between, to see which one drops the ACK.',
            'Let it keep a connection for some seconds after both FINs (nf_conntrack: nf_conntrack_tcp_timeout_last_ack ' +
              'and nf_conntrack_tcp_timeout_time_wait).',
          ]
        : [
            `Look for loss on the path to the ${end}: drops of interfaces and queues (ip -s link, tc -s qdisc, ethtool -S), ` +
              'a policer, a full link. Data suffers from it as well.',
            'Capture at that end too: an ACK that is there on one side only was lost between.',
          ],
      notToDo: [
        'Shortening TIME_WAIT (a small tcp_max_tw_buckets, SO_LINGER 0): without it each of these FINs would be ' +
          'answered by RST.',
        'A small net.ipv4.tcp_orphan_retries: the end in LAST_ACK would give up sooner, no ACK would arrive more often.',
      ],
    },
    certainty: certain('the ACK was captured, and the FIN came again after it'),
  };
}

/** Too few of them show that an ACK was lost. */
function needless(frequent: Frequent): Conclusion {
  const { group, subject } = frequent;
  const lost = group.number('lost');
  const end = 2 * group.number('at_server') > group.count ? 'server' : 'client';
  return {
    group,
    severity: 'info',
    subject,
    numbers: {
      closes: group.count,
      ...shareNumbers(frequent),
      lost,
      lost_or_not_is_unknown: group.count - lost,
      fins_sent_again: group.number('again'),
    },
    advice: {
      title: 'last FINs come again, before their ACK can have arrived',
      cause:
        `The ${end}'s FIN came again sooner than any retransmission timeout, or right after its ACK was captured: a ` +
        'tail-loss probe (RFC 8985), as Linux sends it when two round trips bring no ACK, crosses an ACK that was ' +
        'delayed. Nothing shows that the ACK was lost. TIME_WAIT answers the copy, and is re-armed by it.',
      remedies: ['Nothing: the copy costs one packet, and no time.'],
      notToDo: [
        'Looking for loss on the path because of these.',
        'Shortening TIME_WAIT (a small tcp_max_tw_buckets, SO_LINGER 0): without it each of these FINs would be ' +
          'answered by RST.',
      ],
    },
    certainty: possible('they came sooner than a retransmission after a loss does'),
  };
}
