import { type Conclusion, likely, possible } from '../../frame/conclusion.ts';

/** Which SYNs stay unanswered: all of an address, a port, a time or a client, or those of a scan. */
export type Silence = 'dead' | 'dropped' | 'stopped' | 'shut' | 'limited' | 'filtered' | 'scan';

const TIMEOUTS =
  'Until then: a connect timeout of a few seconds in the clients. Linux gives up after about two minutes ' +
  '(net.ipv4.tcp_syn_retries = 6: 127 s, since 6.5 131 s); a thread waits for as long.';
const NO_RETRIES =
  'A greater net.ipv4.tcp_syn_retries, or a smaller one for the whole host: the first lets programs hang for ' +
  'longer, the second gives up where a path only loses packets. It is the program that knows its patience.';
const NO_LISTEN = 'A longer backlog: an overrun listener still answers some.';

/** What is said of each, and how sure it is. */
export const SILENCES: Readonly<Record<Silence, Pick<Conclusion, 'advice' | 'certainty'>>> = {
  dead: {
    advice: {
      title: 'nothing comes from this address: no answer to any SYN',
      cause:
        'Not one segment of this address was captured, whatever port was tried. The host is down or gone, the ' +
        'address is wrong or out of date (DNS, a configuration, a list of backends), or no route leads there or back.',
      remedies: [
        'See whether the host is up and has this address; arp or ndp on its network, traceroute from elsewhere.',
        'Look for the address in configurations, DNS records and lists of backends, and take it out if it is old.',
        TIMEOUTS,
      ],
      notToDo: [NO_RETRIES, NO_LISTEN],
    },
    certainty: likely('answers would have to take a way that was not captured'),
  },
  dropped: {
    advice: {
      title: 'no answer from this port, though its host answers elsewhere',
      cause:
        'The host is there: other ports of it answer. A host on whose port nobody listens answers by RST; silence ' +
        'is what a filter makes that drops, on the host itself (nft, iptables, a security group) or on the way.',
      remedies: [
        'Look for a rule that drops this port: nft list ruleset on the host, security groups, firewalls between.',
        'Capture on the server at the same time: if the SYN arrives there, it is its own filter; if not, one before it.',
        'Where a port is to be closed, let the filter reject by RST: clients then know at once.',
        TIMEOUTS,
      ],
      notToDo: [NO_RETRIES, NO_LISTEN],
    },
    certainty: likely('a host without a filter would answer by RST'),
  },
  stopped: {
    advice: {
      title: 'this service answered at other times, and nobody meanwhile',
      cause:
        'Connections were opened before or after; in between no SYN was answered, and none refused. A program that ' +
        'ends leaves a kernel that refuses by RST, so it was the host, its network or a filter that was away.',
      remedies: [
        'See what happened at that time: a reboot, a failover, a deployment of filter rules, a link that was down.',
        'Take a backend out of rotation before its host goes down, so that clients are not sent there.',
        TIMEOUTS,
      ],
      notToDo: [NO_RETRIES, NO_LISTEN],
    },
    certainty: likely('all were unanswered, and others opened at another time'),
  },
  shut: {
    advice: {
      title: 'this service stopped answering SYNs, though its host was there',
      cause:
        'Connections were opened before or after; in between no SYN to this port was answered, and none refused, though ' +
        'the host answered meanwhile. So it was not away: a filter dropped SYNs to this port, a limit was reached, or the ' +
        'queue of its listener was full because the program hung.',
      remedies: [
        'On the host: ss -ltn shows whether the queue of the listener is full (Recv-Q over Send-Q), nstat -az ' +
          'TcpExtListenOverflows whether it dropped SYNs; then it is the program that hangs.',
        'Else capture on the host at the same time: SYNs that do not arrive are dropped on the way, by a rule or a limit.',
        TIMEOUTS,
      ],
      notToDo: [NO_RETRIES],
    },
    certainty: likely('all of this port were unanswered, while its host answered other segments'),
  },
  limited: {
    advice: {
      title:
        'new connections get no answer while others stay open: a limit on the way is reached, or the queue is full',
      cause:
        'The host answered meanwhile, and left every new SYN without an answer. ' +
        'So the host was not away. A limit on the way was reached: ports that a NAT has for one destination (SNAT ports of a ' +
        'cloud balancer or gateway), entries of a connection table (conntrack), connections for each client or destination ' +
        '(connlimit, a firewall); or the queue of the listener is full.',
      remedies: [
        'Compare the number that stood open with the limits of what is on the way: SNAT ports for each host (cloud NAT ' +
          'metrics: SNAT connection count, port allocation errors), nf_conntrack_count against nf_conntrack_max ("table full, ' +
          'dropping packet" in dmesg), ct count or connlimit rules.',
        'Use connections again (keep-alive, pools with an upper limit below that number), close idle ones, and close those ' +
          'that leak: each takes one place.',
        'More addresses at the NAT, more ports for each host, or a way without NAT (a private endpoint).',
        'On the server: ss -ltn and nstat -az TcpExtListenOverflows exclude a full queue.',
      ],
      notToDo: [
        NO_RETRIES,
        'Restarting the server: it is not away; a restart of the clients frees places for as long as they need to fill up again.',
        'net.ipv4.tcp_tw_reuse or more local ports on the client: the ports that are short are those of the box.',
      ],
    },
    certainty: possible('a limit on the way, and a listener whose queue is full, look alike from here'),
  },
  filtered: {
    advice: {
      title: 'this client alone gets no answer',
      cause:
        'The service opens connections of other clients at the same time; of this one it answers no SYN at all. That is ' +
        'a rule for its address (a filter, fail2ban, a security group) or a way back that does not lead to it.',
      remedies: [
        "Look for the client's address in the filters of the host and of what lies before it: nft list ruleset, ipset list.",
        'Check the way back: the route to the client on the server (ip route get), reverse path filters on routers.',
        TIMEOUTS,
      ],
      notToDo: [NO_RETRIES, NO_LISTEN],
    },
    certainty: likely('no other client has that'),
  },
  scan: {
    advice: {
      title: 'one client tries many targets that do not answer: a scan, or a list out of date',
      cause:
        'The client sends SYNs to many addresses or ports, few to each, and nobody answers. It looks for open ports ' +
        'and filters drop it, as they should; or it works through a list of hosts that are gone.',
      remedies: [
        'Ask whose it is. A scanner or a monitoring system of your own may do that; give it the list that holds today.',
        'One that you do not know, inside your network, is a matter for those who look after security.',
      ],
      notToDo: ['Chasing each of its targets: the client is the matter, not they.'],
    },
    certainty: likely('many targets, few tries each'),
  },
};
