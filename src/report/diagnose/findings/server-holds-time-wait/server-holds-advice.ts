import { count, duration } from '../../../units.ts';
import type { Pace } from '../../family/client-time-waits/time-wait-cases.ts';
import type { CaseGroup } from '../../frame/cases.ts';
import { settingDuration } from '../../frame/number-text.ts';

/** What does not help, or harms. */
export const NOT_TO_DO: readonly string[] = [
  'net.ipv4.tcp_tw_reuse: it is for connect(), and does nothing for a listening port.',
  'net.ipv4.tcp_fin_timeout does not shorten TIME_WAIT.',
  'SO_LINGER with 0 at the server: clients then lose the end of their answers.',
];

/**
 * How the TIME_WAITs came about, and what they are in the way of.
 * @param closed connections of the service with a FIN
 * @param isRefusing whether SYNs were refused while they stood
 * @param overrun tcp_max_tw_buckets, if they are more
 */
export function causeOf(
  group: CaseGroup,
  closed: number,
  { lengthUs }: Pace,
  isRefusing: boolean,
  overrun: number | undefined,
): string {
  return [
    `The server closed ${count(group.count)} of ${count(closed)} connections first, after ` +
      `${duration(group.number('lived_us'))} on average, so the TIME_WAITs of ${settingDuration(lengthUs)} are with it.`,
    'They take memory, but no ports, and keep nobody from connecting.',
    isRefusing
      ? 'Then nobody listened any more, and every SYN was refused. A server that is started again within that ' +
        'time cannot bind its port (EADDRINUSE) unless it sets SO_REUSEADDR.'
      : 'They are in the way of a restart: bind() fails (EADDRINUSE) unless the program sets SO_REUSEADDR.',
    ...(overrun === undefined
      ? []
      : [`It is more than this host's tcp_max_tw_buckets (${count(overrun)}): the kernel makes no more.`]),
  ].join(' ');
}

/**
 * What to do, the best first.
 * @param isBrief whether most of the connections were for one exchange
 * @param isRefusing whether SYNs were refused while TIME_WAITs stood
 */
export function remediesFor(isBrief: boolean, isRefusing: boolean): string[] {
  return [
    'Set SO_REUSEADDR on the listening socket before bind(). Most frameworks do; on Linux it is safe. The process ' +
      'that left the TIME_WAITs has to have set it as well, so it helps from the second restart on.',
    ...(isBrief
      ? ['Keep connections open for further requests (HTTP keep-alive): fewer closes, fewer handshakes.']
      : []),
    'Let the clients close first, where the protocol allows it: an idle timeout of the server that is a little ' +
      "longer than the clients'.",
    ...(isRefusing ? ['For restarts without a gap: pass the listening socket on, or SO_REUSEPORT.'] : []),
  ];
}
