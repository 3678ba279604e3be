import { count, duration } from '../../../units.ts';
import type { LateOpenings } from '../../family/openings/late-openings.ts';
import type { Advice } from '../../frame/conclusion.ts';

const STEPS =
  'The delay is the timeout of the SYN: Linux sends it again so that connections open after 1, 2, 3, 4, 5 or 7 s ' +
  '(before 6.5 and on many systems after 1, 3 or 7 s).';

const BOTH_ENDS =
  'Capture before and behind each box on the way at the same time: the SYN that arrives before it and does not leave ' +
  'it names the box.';
const SNAT =
  'Where a Linux NAT is on the way: conntrack -S, whose insert_failed counts SYNs that lost a race for a translated port; ' +
  'iptables ... MASQUERADE --random-fully (nft: masquerade fully-random), kube-proxy and flannel have the option.';
const IPVS =
  'Where IPVS is on the way (kube-proxy in mode ipvs): with net.ipv4.vs.conn_reuse_mode = 1 kernels before 5.9 drop the ' +
  'first SYN on a port whose old entry still stands, if conntrack is on. Update the kernel, or set conn_reuse_mode = 0, ' +
  'then with expire_nodest_conn = 1, for else ports used again go to backends that are gone.';
const FEWER =
  'Fewer openings: keep-alive and pools. More ports and addresses (net.ipv4.ip_local_port_range) let each rest for longer.';
const TRANSLATED =
  'Where another NAT, firewall or balancer is on the way: what it does with a SYN on a port whose old connection it still ' +
  'holds in TIME_WAIT (nf_conntrack_tcp_timeout_time_wait is 120 s), and whether its translated ports come round within that time.';
const QUEUE =
  'At the server: nstat -az TcpExtListenOverflows TcpExtListenDrops; if they grow it is the queue of the listener after ' +
  'all (finding backlog-overflow).';
const LIMITS = 'Rate limits for SYNs on the way: hashlimit, synproxy, protection against floods.';

const NOT_TO_DO: readonly string[] = [
  'net.ipv4.tcp_syn_retries, or a longer connect timeout: the connection opens, only late; neither makes it sooner.',
  'net.ipv4.tcp_tw_reuse = 0 or tcp_fin_timeout: the first only leaves ports unused for 60 s, the second has nothing to do with it.',
  'net.ipv4.tcp_tw_recycle (gone since Linux 4.12): it drops SYNs itself.',
];

/** What is said of connections that opened late. */
export function adviceOn(late: LateOpenings): Advice {
  return { ...sayingOf(late), notToDo: NOT_TO_DO };
}

function sayingOf(late: LateOpenings): Omit<Advice, 'notToDo'> {
  const first = `${count(late.late)} of ${count(late.of)} connections had to send their SYN again before it was answered.`;
  if (late.isLoss)
    return {
      title: 'connections open late: the path loses packets',
      cause: `${first} Others of the service, once open, lose data as often: the path loses packets of all kinds. ${STEPS}`,
      remedies: [
        'Look for the loss: counters of the interfaces (ip -s link, ethtool -S), a full link, a bad cable or radio link; ' +
          'mtr shows from where on it is.',
        'Fewer openings: keep-alive and pools; data that is lost costs milliseconds, a SYN a second.',
      ],
    };
  switch (late.pattern) {
    case 'reused':
      return {
        title: 'connections on ports used again open late: something on the way still holds the old ones',
        cause:
          `${first} ${reusedWords(late)} Something on the way (IPVS, a NAT, a firewall) still knows the old connection of ` +
          `the same addresses and ports and drops the first SYN of the new one. ${STEPS}`,
        remedies: [IPVS, TRANSLATED, FEWER, BOTH_ENDS],
      };
    case 'second-try':
      return {
        title: 'connections open at the second try: their first SYN is dropped',
        cause:
          `${first} Nearly all opened at the second SYN, at moments at which first SYNs of others were dropped: a queue that ` +
          'is full would take neither. Something on the way drops the first SYN of a connection: it still knows an old one of ' +
          `the same addresses and ports (IPVS, a NAT, a firewall), or does so on purpose (protection against floods). ${STEPS}`,
        remedies: [IPVS, TRANSLATED, LIMITS, FEWER, BOTH_ENDS],
      };
    case 'bursts':
      return {
        title: 'connections open late, at certain moments',
        cause:
          `${first} They come in bursts: many at a time, while at other times all open at once. For a moment something ` +
          `dropped SYNs: a box that was overloaded or switched over, a limit, or the queue of the listener. ${STEPS}`,
        remedies: [
          'See what happens at these moments: a failover, a job that opens many connections at once, a limit.',
          QUEUE,
          LIMITS,
          SNAT,
          BOTH_ENDS,
        ],
      };
    case 'spread':
      return {
        title: 'connections open late, one by one: some SYNs are dropped among others that are answered',
        cause:
          `${first} They are spread among those that open at once, and what is sent later is ` +
          `${late.lossyPercent === 0 ? 'not lost' : 'lost less often'}. That speaks against a listener whose queue fills up, and ` +
          'against a path that loses packets of all kinds, and for a box on the way that drops first packets: a Linux NAT ' +
          'that gives two connections the same port (a race in conntrack), a box that still holds the old connection of a ' +
          `port, a limit for SYNs. ${STEPS}`,
        remedies: [
          ...(2 * late.usedLate >= late.late ? [IPVS, TRANSLATED, SNAT] : [SNAT, TRANSLATED]),
          ...[LIMITS, QUEUE, FEWER, BOTH_ENDS],
        ],
      };
  }
}

function reusedWords({
  late,
  of,
  usedLate,
  usedAtOnce,
  shortestUnusedUs,
  longestUnusedUs,
}: LateOpenings): string {
  const fresh = of - usedLate - usedAtOnce;
  const since =
    shortestUnusedUs === null || longestUnusedUs === null
      ? ''
      : `, ${duration(shortestUnusedUs)} to ${duration(longestUnusedUs)} before`;
  return (
    `${count(usedLate)} of them are on ports that an earlier connection had used${since}; of ${count(fresh)} on fresh ports ` +
    `${late - usedLate === 0 ? 'none was' : `${count(late - usedLate)} were`} late.`
  );
}
