import type { CaseGroup } from '../../frame/cases.ts';
import { settingDuration } from '../../frame/number-text.ts';

// Advice that the rules on the clients' TIME_WAITs share.

/** What to do, in this order. */
export const REMEDIES: readonly string[] = [
  'Keep connections and use them again: HTTP keep-alive, a connection pool, one client object for the whole ' +
    'program instead of one a request. That takes away closes and handshakes alike.',
  'Let the other side close first: TIME_WAIT is with whoever sends its FIN first, and on a server it takes ' +
    'memory but no ports.',
  'More room: more client addresses, more server addresses or ports (each pair has ports of its own), a wider ' +
    'net.ipv4.ip_local_port_range.',
  'On the connecting Linux host net.ipv4.tcp_tw_reuse = 1 (both ends with timestamps): connect() then takes a ' +
    'port that has been in TIME_WAIT for more than a second.',
];

/** What does not help, or harms. */
export const NOT_TO_DO: readonly string[] = [
  'net.ipv4.tcp_fin_timeout does not shorten TIME_WAIT: it bounds orphans in FIN_WAIT_2. On Linux TIME_WAIT is ' +
    '60 s, fixed in the kernel.',
  'net.ipv4.tcp_tw_recycle (gone since Linux 4.12): it drops connections of clients behind NAT.',
  'A small net.ipv4.tcp_max_tw_buckets: the kernel then drops TIME_WAITs, and late segments meet new connections.',
  'SO_LINGER with 0 to close by RST: what is under way is lost.',
];

/** A sentence if the client's system is not the one whose length was taken; else ''. */
export function stackNote(group: CaseGroup): string {
  const stack = group.text('stack');
  if (stack === '' || stack === group.text('profile') || group.text('profile') === 'given') return '';
  return (
    `Its SYNs look like those of ${stack}, but ${settingDuration(group.number('length_us'))} were taken for TIME_WAIT: ` +
    'analyze with --time-wait auto.'
  );
}
