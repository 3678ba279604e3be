import type { Advice } from '../../frame/conclusion.ts';

const NO_FIN_TIMEOUT = 'net.ipv4.tcp_fin_timeout: it does not change TIME_WAIT.';

/** SYNs that met a TIME_WAIT. */
export const SYN_ADVICE: Advice = {
  title: 'new connections are held up by an old TIME_WAIT of the server',
  cause:
    'The client used a port again whose TIME_WAIT the server still holds, and the timestamp of its SYN was older than ' +
    "the old connection's, or not newer, and its sequence number not above. The server answered with its last ACK; the client, " +
    'which knows no such connection, refuses that by RST, and has to send its SYN again: at once on newer Linux, ' +
    'a second later elsewhere. It happens where several hosts share an address (NAT, a proxy), without ' +
    'timestamps, and where ports come round within a minute.',
  remedies: [
    'Keep connections and use them again (keep-alive, a pool): each port is then used less often.',
    'Let the client close first: the TIME_WAIT is then where the ports are chosen, and is respected.',
    'Turn timestamps on at both ends (net.ipv4.tcp_timestamps = 1): a SYN with a newer one is taken at once. Hosts ' +
      'behind NAT have a clock each: there it does not help.',
    'Behind NAT or a proxy: more addresses, a wider range of ports, and ports that are not used again within a minute.',
  ],
  notToDo: [
    'net.ipv4.tcp_tw_recycle, against this or anything else: behind NAT it drops SYNs without an answer.',
    NO_FIN_TIMEOUT,
    'Filters that drop the RST of the client: it is what ends the old TIME_WAIT.',
  ],
};

/** SYNs that meet an old connection again and again. */
export const STUCK_ADVICE: Advice = {
  title: 'new connections never open: the RST that would end an old TIME_WAIT does not arrive',
  cause:
    'The client used a port again whose old connection the server still holds, most often in TIME_WAIT. The server ' +
    'answers each SYN by its last ACK; the client refuses that by RST, which ends the old connection, and its next SYN is ' +
    'taken. Here the same ACK comes again and again: the RST was dropped on the way, or the ACK before it reached the ' +
    'client. A firewall that follows connections takes one of them for invalid.',
  remedies: [
    'Find the box on the way (capture at both ends: where does the RST end?), and let it pass what it takes for invalid: ' +
      'the ACK that answers a SYN, and the RST after it (nf_conntrack_tcp_be_liberal, no drop of ct state invalid before it).',
    'Turn timestamps on at both ends (net.ipv4.tcp_timestamps = 1): a SYN with a newer one is taken at once, also from ' +
      'TIME_WAIT. Hosts behind NAT have a clock each: there it does not help.',
    'Use ports later again: more of them (ip_local_port_range, more addresses behind NAT), or fewer connections (keep-alive, ' +
      'a pool); let the client close first.',
  ],
  notToDo: [
    'More SYN retries (tcp_syn_retries): each gets the same answer until the TIME_WAIT is over.',
    NO_FIN_TIMEOUT,
    'net.ipv4.tcp_tw_recycle: behind NAT it drops SYNs without an answer.',
  ],
};

/** FINs that no TIME_WAIT took. */
export const FIN_ADVICE: Advice = {
  title: 'closes without a TIME_WAIT: FINs are answered by RST',
  cause:
    'This host closed first, and answered the FIN that came a moment later with an RST without ACK: its kernel kept ' +
    'nothing of the connection. On Linux that is what happens beyond tcp_max_tw_buckets (its log says "time wait ' +
    'bucket table overflow"), which counts FIN_WAIT_2 of closed sockets, too. The peer, in LAST_ACK, takes the ' +
    'RST for an abort, and late segments may get into a new connection.',
  remedies: [
    'Keep connections and use them again: fewer closes, fewer TIME_WAITs.',
    'Let the other side close first.',
    'Raise net.ipv4.tcp_max_tw_buckets to more than the closes of a minute: a TIME_WAIT takes some hundred bytes.',
    'Where the kernel logs no overflow: look for a balancer or a firewall that forgets a connection at the first FIN.',
  ],
  notToDo: [
    'A smaller tcp_max_tw_buckets to have fewer TIME_WAITs: this is what comes of it.',
    NO_FIN_TIMEOUT,
    'net.ipv4.tcp_tw_recycle (gone since Linux 4.12): it drops connections of clients behind NAT.',
  ],
};
