import type { Endpoint } from '../../../../flow/format/words.ts';
import type { Advice } from '../../frame/conclusion.ts';

const NOT_TO_DO: readonly string[] = [
  'net.ipv4.tcp_fin_timeout: it bounds orphans in FIN_WAIT_2, and these are in FIN_WAIT_1 or LAST_ACK.',
  'SO_LINGER with 0, so that close() does not wait: it aborts by RST, which is not even sent again when it is lost.',
];

const ORPHANS =
  'How often a closed socket sends its FIN is net.ipv4.tcp_orphan_retries (0 means 8 times, for about 100 s); ' +
  'tcp_max_orphans bounds how many there are. Lower it only where orphans pile up.';

/** Most of them were never acknowledged. */
export function goneAdvice(sender: Endpoint): Advice {
  return {
    title: 'FINs that nobody acknowledges: the peer is gone',
    cause:
      `The ${sender} sent FIN after FIN, at growing intervals, and got no answer: the other host is off, asleep ` +
      'or out of reach, or a firewall between has forgotten the connection and drops what it does not know. ' +
      'Meanwhile the socket is an orphan in FIN_WAIT_1 or LAST_ACK.',
    remedies: [
      'Nothing, where peers are mobile or go away: that is how they look.',
      'Where it follows a silence: keep-alive that is shorter than the timeout of the firewall between.',
      ORPHANS,
    ],
    notToDo: NOT_TO_DO,
  };
}

/** Too few are known to be lost to speak of loss. */
export function needlessAdvice(sender: Endpoint): Advice {
  return {
    title: 'FINs are sent again; few are shown to be lost',
    cause:
      `Most likely the ${sender} repeats its FIN when two round trips bring no ACK: a tail-loss probe (RFC 8985), as Linux sends ` +
      'it some milliseconds after the last segment. A peer that delays its ACK, as Linux does for up to 40 ms, ' +
      'gets it without any loss. Where the peer reports a copy by D-SACK, the FIN had arrived, and at most its ACK ' +
      'was lost; where it does not, and the copy came sooner than 200 ms, nothing shows whether the FIN was lost.',
    remedies: ['Nothing: the copy costs one packet, and no time.'],
    notToDo: [
      'Looking for loss on the path because of these: what Wireshark marks as retransmission was no answer to loss.',
      'net.ipv4.tcp_early_retrans = 0, which turns the probe off: where the last segment is lost, it saves a timeout.',
    ],
  };
}

/**
 * They were acknowledged after they were sent again.
 * @param isPath other segments were lost as well
 */
export function lostAdvice(sender: Endpoint, isPath: boolean): Advice {
  return {
    title: 'FINs are lost, and sent again',
    cause:
      `FINs of the ${sender}, or their ACKs, were lost, and the FINs sent again after the retransmission timeout: ` +
      '200 ms and more on Linux, doubled each time. Which of the two was lost, one capture cannot tell. ' +
      (isPath
        ? 'Other segments of these connections were lost, too: it is the path, not the close.'
        : 'No other segment of these connections was: something on the way treats the end of a connection in a ' +
          'way of its own, or only the last segments meet it.'),
    remedies: [
      'Look for loss on the path: drops of interfaces and queues (ip -s link, tc -s qdisc, ethtool -S), a policer, ' +
        'a full link, a firewall that limits packets.',
      'Capture at both ends: what is there on one side only was lost between.',
      ORPHANS,
    ],
    notToDo: NOT_TO_DO,
  };
}
