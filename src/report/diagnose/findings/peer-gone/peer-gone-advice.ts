import { count, counted, duration } from '../../../units.ts';
import type { Answers } from '../../family/forgotten/host-answers.ts';
import type { CaseGroup } from '../../frame/cases.ts';
import type { Advice } from '../../frame/conclusion.ts';

/** How the host met new connections after it had vanished. */
export type How = 'answers nobody' | 'answers new ones' | 'nobody asked';

const USER_TIMEOUT =
  'TCP_USER_TIMEOUT in the program that sends (Linux; 10 to 30 s): the kernel ends a connection whose data nobody ' +
  'acknowledges for that long, instead of after tcp_retries2 = 15 repeats, some 15 minutes.';
const HEARTBEAT =
  'A heartbeat of the program with a deadline: HTTP/2 PING (gRPC: keepalive time and timeout), AMQP or database ' +
  'heartbeats, a timeout for each request that also drops the connection from the pool.';
const KEEP_ALIVE =
  'For connections that only wait: SO_KEEPALIVE with TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT that add up to what ' +
  'you can wait, beside TCP_USER_TIMEOUT.';
const SHORTER =
  'TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT: they have found it. Where that was too late, make them shorter; they add ' +
  'up to the time until the program knows.';
const ALONE =
  'A short TCP_KEEPIDLE (tcp_keepalive_time) alone: keep-alives do not run while data is unacknowledged. It helps ' +
  'connections that are idle when the peer vanishes, and no others.';
const NOT_TO_DO: readonly string[] = [
  'A larger net.ipv4.tcp_retries2: who waits longer for a host that is gone, waits longer. A smaller one (8, about ' +
    '100 s, is the least that RFC 1122 wants) is for all connections of the host, the slow ones among them.',
  'net.ipv4.tcp_fin_timeout, tcp_tw_reuse: nothing was closed here.',
];

/** What happened to the host, as far as its new connections tell. */
export function adviceOn(group: CaseGroup, how: How, answers: Answers): Advice {
  const keepAlives = group.number('keep_alives');
  const isIdle = keepAlives === group.count;
  const what = isIdle ? 'keep-alives were' : keepAlives === 0 ? 'data was' : 'data or keep-alives were';
  const spreadUs = group.number('last_since_us') - group.sinceUs;
  const sent =
    `In ${counted(group.count, 'connection')} ${what} sent again and again, for up to ` +
    `${duration(group.number('tried_us'))}, and nothing of ${group.text('ip')} came any more: no ACK, no FIN, no RST. ` +
    `${group.count > 1 ? `They fell silent within ${duration(spreadUs)}. ` : ''}`;
  return {
    title: TITLES[how](isIdle ? 'idle connections' : 'connections amid work'),
    cause: sent + CAUSES[how](answers) + icmpOf(group) + olderOf(group, how) + largeOf(group, how),
    remedies: [SEE[how], ...(isIdle ? [SHORTER, HEARTBEAT] : [USER_TIMEOUT, HEARTBEAT, KEEP_ALIVE])],
    notToDo: isIdle ? NOT_TO_DO : [ALONE, ...NOT_TO_DO],
  };
}

/** By what the connections were when it vanished. */
const TITLES: Readonly<Record<How, (those: string) => string>> = {
  'answers nobody': (those) => `the host, or the route to it, is gone: ${those} and new ones get no answer`,
  'answers new ones': () =>
    'connections vanish while new ones are answered: forgotten on the way, or the address moved',
  'nobody asked': (those) => `the peer is gone: ${those} get no answer any more`,
};

const CAUSES: Readonly<Record<How, (answers: Answers) => string>> = {
  'answers nobody': ({ unanswered }) =>
    `${counted(unanswered, 'new connection')} to it got no answer either: the host is off, has crashed or left the ` +
    'network, or the route to it is gone. A program that ends, even one that is killed, does not look like that: its ' +
    'kernel sends FIN or RST.',
  'answers new ones': ({ opened, unanswered }) =>
    `Meanwhile ${counted(opened, 'new connection')} ${opened === 1 ? 'was' : 'were'} opened` +
    `${unanswered > 0 ? ` (${count(unanswered)} got no answer)` : ''}: somebody answers at ` +
    'that address. Either a NAT, firewall or balancer on the way has lost its table and drops what it does not know, ' +
    'or the address, or the target behind it, was given to another host or pod, and what belongs to the old one is ' +
    'still sent to a place that is no more.',
  'nobody asked': () =>
    'Nobody tried to connect to it since, so packets do not show which: the host is off or has crashed, its route is ' +
    'gone, its pod was removed, or something on the way has forgotten the connections. A program that ends does not ' +
    'look like that: its kernel sends FIN or RST.',
};

const SEE: Readonly<Record<How, string>> = {
  'answers nobody':
    'See what happened to the host and the route at that time: power, kernel panic, link, hypervisor, BGP or the ' +
    'routing table (ip route get), ARP or neighbour entries (ip neigh).',
  'answers new ones':
    'See what changed at that time: a failover of a balancer or firewall whose connection table is not replicated, a ' +
    'rollout or move of pods (Kubernetes: stale conntrack entries, conntrack -L -d ADDRESS), an address that was ' +
    'taken over. Drain before such changes: let the old pod or host end its connections by FIN while it is there.',
  'nobody asked':
    'See what happened to that host, pod or route at that time (kubectl get events, ip route get, ip neigh). For ' +
    'planned changes: drain, and end connections by FIN while the address is still there.',
};

function icmpOf(group: CaseGroup): string {
  const errors = group.number('icmp');
  if (errors === 0) return '';
  return ` ICMP ${group.text('icmp_kind')} (unreachable) from ${group.text('icmp_from')} quotes ${errors} of them.`;
}

/** How long those were silent that are older than the capture is not known. */
function olderOf(group: CaseGroup, how: How): string {
  const older = group.number('unknown_before');
  if (older === 0 || how === 'answers nobody') return '';
  return (
    ` ${counted(older, 'connection')} began before the capture: how long ${older === 1 ? 'it' : 'they'} had been silent ` +
    'is not known, and an idle timeout on the way is among the causes.'
  );
}

/** Full segments that vanish while small ones pass look alike at first. */
function largeOf(group: CaseGroup, how: How): string {
  if (how === 'answers nobody' || group.number('full_size') < group.count) return '';
  return (
    ' All that was not acknowledged are large segments: a path that drops what is larger than its MTU, and ICMP with ' +
    'it (a black hole for path MTU discovery), looks the same.'
  );
}
