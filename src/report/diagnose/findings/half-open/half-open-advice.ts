import { duration } from '../../../units.ts';
import type { Commonest } from '../../frame/aggregates/commonest.ts';
import type { CaseGroup } from '../../frame/cases.ts';
import type { Advice } from '../../frame/conclusion.ts';

const NOTICE =
  'Let the other end notice sooner: SO_KEEPALIVE with TCP_KEEPIDLE, and TCP_USER_TIMEOUT for what is sent.';
const AGAIN = 'Let clients connect again and repeat the request, where it may be sent twice.';
const NOT_TO_DO: readonly string[] = [
  'Dropping the RSTs: they are the only word that the connection is gone; without them it hangs for minutes ' +
    '(tcp_retries2).',
  'net.ipv4.tcp_fin_timeout, tcp_tw_reuse: these connections were never closed.',
];

/** Connections whose beginning, or whose silence, is in the capture. */
export function lostAdvice(isServer: boolean, isAtOnce: boolean): Advice {
  return {
    title: isServer
      ? 'the server had forgotten connections that clients went on with'
      : 'the client had forgotten connections that the server went on with',
    cause:
      'An RST without ACK comes from a kernel that has no socket for the segment. That end had the connection before ' +
      'and did not say that it ended: its host went down or was replaced, or what it said was lost or not captured. ' +
      (isAtOnce
        ? 'All of them had begun before the first was refused: it lost them at one time.'
        : 'Some had begun after others were refused: it loses them again and again, or something between does.'),
    remedies: [
      'See what happened to that end before the first RST: a crash or power failure, a failover to another host with ' +
        'its address, a container that was replaced, a NAT or balancer whose table was cleared.',
      NOTICE,
      AGAIN,
      'For planned changes: drain, and end connections with FIN while the address is still there.',
    ],
    notToDo: NOT_TO_DO,
  };
}

/**
 * Connections that were open before the capture began.
 * @param ttls of the RSTs and of the host's other segments, if these are known and differ
 */
export function olderAdvice(isServer: boolean, ttls: { rst: number; host: number } | undefined): Advice {
  const end = isServer ? 'server' : 'client';
  return {
    title:
      `connections from before the capture are answered by RST` +
      (ttls === undefined ? '' : `, which does not come from the ${end} itself`),
    cause:
      'An RST without ACK comes from somebody who knows nothing of the connection. ' +
      (ttls === undefined
        ? ''
        : `Its TTL is ${ttls.rst}, that of the ${end}'s other segments ${ttls.host}: it did not come from the ${end}, ` +
          'but from a firewall, NAT or balancer on the way. ') +
      'The connections were open before the capture began: how long they had been silent until then is not known. An ' +
      'idle timeout on the way, after which a firewall, NAT or balancer had forgotten them, is among the causes; so ' +
      `are a table that was cleared, ${isServer ? 'a server' : 'a client'} that started again, and an address that moved.`,
    remedies: [
      'Capture from before the silence on: the time from the last segment to the first that is refused, alike over the ' +
        'connections, is the idle timeout.',
      'Keep-alive below the idle timeout of what is between (SO_KEEPALIVE with TCP_KEEPIDLE), or an idle timeout in the ' +
        'pool that is shorter, so that connections are closed before they are forgotten.',
      `See what happened before to the boxes on the way, and to the ${end}: a restart, a failover, a cleared table.`,
      AGAIN,
    ],
    notToDo: NOT_TO_DO,
  };
}

/** Segments that pass a NAT as they are. */
export function untranslatedAdvice(group: CaseGroup): Advice {
  const cameFrom = JSON.parse(group.text('came_from')) as Commonest;
  const from = cameFrom.value.replace(' ', ':');
  const laterUs = group.isNull('later_us') ? 0 : group.number('later_us');
  const seen =
    group.number('before') > 0
      ? `While these connections were open, a segment came to the same port of the client from ${from}, an address ` +
        'that it has no connection with, and its kernel answered by RST. '
      : 'The server sent data that is far out of the window, and an RST without ACK came back in the name of the ' +
        'client. ';
  const livedOn =
    group.number('went_on') > 0
      ? `The client lived on after "its" RST: ${group.number('went_on')} went on, for up to ${duration(laterUs)}. `
      : '';
  return {
    title: 'segments pass a NAT untranslated, and the RSTs that answer them end connections in use',
    cause:
      seen +
      livedOn +
      'A NAT on the way (kube-proxy, a balancer by iptables, a router) does not take the segment for one of its ' +
      'connections and lets it pass as it is: conntrack calls it INVALID, mostly because its number is out of the ' +
      'window. The receiver knows no such connection and has to answer by RST; that RST fits the connection in the ' +
      'table of the NAT, is translated, and ends it at the other end.',
    remedies: [
      'On the NAT: drop what conntrack calls invalid before it is forwarded (nft: ct state invalid drop; iptables: -m ' +
        'conntrack --ctstate INVALID -j DROP in FORWARD). Then the segment is sent again, and nothing is lost.',
      'Or net.netfilter.nf_conntrack_tcp_be_liberal = 1 there: then only RSTs out of the window are INVALID, and the ' +
        'segments are translated.',
      'See how many there are: conntrack -S (invalid), and net.netfilter.nf_conntrack_log_invalid = 6 for a log.',
    ],
    notToDo: [
      'Looking for a host that went down: both ends have the connection until the RST.',
      'Dropping RSTs at the client: true ones are missed as well; the segment that caused them still passes.',
      'net.ipv4.tcp_fin_timeout, tcp_tw_reuse: these connections were not closed.',
    ],
  };
}
