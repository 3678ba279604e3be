import { duration } from '../../../units.ts';
import type { CaseGroup } from '../../frame/cases.ts';
import { settingDuration } from '../../frame/number-text.ts';
import type { Context } from '../../frame/rule.ts';
import { whose } from '../../frame/sysctl.ts';

export const NOT_TO_DO: readonly string[] = [
  'tcp_keepalive_time alone: it is for sockets whose program turns SO_KEEPALIVE on, and for those only.',
  'net.ipv4.tcp_retries2 or longer timeouts: who waits longer for an answer that cannot come, waits longer.',
  'net.ipv4.tcp_fin_timeout and tcp_tw_reuse have to do with the close, not with idle connections.',
];

/** A silence in whole seconds. */
export function about(us: number): string {
  return settingDuration(Math.round(us / 1e6) * 1e6);
}

/** `10.002-10.070 s`. @param silences the shortest first */
export function rangeOf(silences: readonly number[]): string {
  const [shortest, longest] = [silences[0]!, silences.at(-1)!];
  if (longest >= 100e6) {
    return shortest === longest ? duration(shortest) : `${duration(shortest)} to ${duration(longest)}`;
  }
  const [low, high] = [shortest, longest].map((us) => (us / 1e6).toFixed(3));
  return low === high ? `${low} s` : `${low}-${high} s`;
}

/** Those that keep a connection from being idle for that long. */
export function keepAliveRemedies(group: CaseGroup, idleUs: number, { sysctls }: Context): string[] {
  const time = sysctls.of(group.text('client'), 'tcp_keepalive_time');
  const idleS = Math.max(1, Math.floor(idleUs / 2e6));
  const isLate = time.value !== null && time.value > idleS;
  return [
    `Keep-alive below that time: SO_KEEPALIVE with TCP_KEEPIDLE of ${idleS} s or less in the program, or for all that turn ` +
      `it on net.ipv4.tcp_keepalive_time = ${idleS}` +
      (isLate ? ` (${whose(time)} is ${time.value} s: too late).` : '.'),
    'In the pool: an idle timeout below that time, so that connections are closed before they are forgotten, or a ' +
      'ping of the protocol (HTTP/2 PING, SELECT 1).',
    'At the box: a longer timeout for established connections (nf_conntrack_tcp_timeout_established, the idle timeout of ' +
      'the balancer), and RST to both ends when it is over.',
    'TCP_USER_TIMEOUT in the program, so that it notices after seconds rather than minutes.',
  ];
}
