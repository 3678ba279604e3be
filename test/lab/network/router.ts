import { fileURLToPath } from 'node:url';
import { ip, run } from '../run.ts';
import type { Network, Side } from './network.ts';

// What goes wrong between the two ends: packets vanish after the one capture point and before the other.

/** Which segments: a pure ACK has no other flag; `data` is pushed and no FIN; `syn` is without ACK; the others whatever else is set. */
export type Flags = 'any' | 'syn' | 'syn-ack' | 'ack' | 'data' | 'fin' | 'rst';

/** A loss: the first `count` segments that match, or `percent` of them at random, or all. */
export interface Drop {
  from: Side | 'both';
  flags: Flags;
  /** Those of one service, by the server's port. */
  port?: number;
  count?: number;
  percent?: number;
  /** Those of connections beyond so many (needs conntrack, which follows them from then on). */
  over?: number;
  /** Tells the sender: ICMP 3/13, ICMPv6 1/1. */
  prohibits?: true;
}

const MATCH: Record<Flags, string> = {
  any: 'meta l4proto tcp',
  syn: 'tcp flags & (syn | ack) == syn',
  'syn-ack': 'tcp flags & (syn | ack) == (syn | ack)',
  ack: 'tcp flags & (fin | syn | rst | psh | ack) == ack',
  data: 'tcp flags & (fin | psh) == psh',
  fin: 'tcp flags & fin == fin',
  rst: 'tcp flags & rst == rst',
};

const FLOOD = fileURLToPath(new URL('flood.pl', import.meta.url));

/** The nftables rule of a loss. */
export function dropRule(drop: Drop): string {
  const parts = [MATCH[drop.flags]];
  if (drop.from !== 'both') parts.unshift(`iifname "${drop.from}0"`);
  if (drop.port !== undefined) parts.push(`tcp ${drop.from === 'server' ? 'sport' : 'dport'} ${drop.port}`);
  // A bucket of n packets that fills by one a day lets exactly the first n match.
  if (drop.count !== undefined) parts.push(`limit rate 1/day burst ${drop.count} packets`);
  if (drop.percent !== undefined) parts.push(`numgen random mod 100 < ${drop.percent}`);
  if (drop.over !== undefined) parts.push(`ct state new ct count over ${drop.over}`);
  return `${parts.join(' ')} counter ${drop.prohibits ? 'reject with icmpx admin-prohibited' : 'drop'}`;
}

/** What a router that has forgotten a connection does with its segments. */
export type Forgetting = 'drop' | 'reset';

/** The router's hands: lose packets, pass them again, be a slow link, forget connections. */
export interface Router {
  drop(drop: Drop): void;
  /** Forgets all drops. */
  pass(): void;
  /** Limits both directions to `kbit` kilobits a second, from the next packet on. */
  slow(kbit: number): void;
  /** Follows connections from now on (conntrack), and forgets those in which nothing moved for this long. */
  forget(seconds: number, then: Forgetting): void;
  /** Takes the link of a host down, or up again. */
  link(side: Side, state: 'down' | 'up'): void;
  /** Takes the route to a host's network away. */
  withdraw(side: Side): void;
  /** From now on drops the first SYN on each port of the client that a SYN came from before. */
  remember(): void;
  /** Sends the server this many SYNs from addresses that nobody has, 500 a second. */
  flood(port: number, count: number): void;
}

/** Commands the router of a network. */
export function routerOf({ namespaces, addresses }: Network): Router {
  const namespace = namespaces.router;
  const inside = (program: string, args: string[], input?: string): string =>
    run('ip', ['netns', 'exec', namespace, program, ...args], input);
  const nft = (script: string): string => inside('nft', ['-f', '-'], script);
  nft('table inet lab { chain forwarded { type filter hook forward priority 0; policy accept; }; }');
  return {
    drop: (drop) => void nft(`add rule inet lab forwarded ${dropRule(drop)}`),
    pass: () => void nft('flush chain inet lab forwarded'),
    slow: (kbit) => {
      const limit = ['tbf', 'rate', `${kbit}kbit`, 'burst', '1514', 'latency', '2s'];
      for (const side of ['client', 'server'] as const) {
        inside('tc', ['qdisc', 'replace', 'dev', `${side}0`, 'root', ...limit]);
        // A bucket begins full and would let the first packets through: a full frame empties it.
        inside('bash', ['-c', `head -c 1472 /dev/zero >/dev/udp/${addresses[side].v4}/9`]);
      }
    },
    forget: (seconds, then) => {
      // Without `loose` a connection can be entered by its SYN only: what has been forgotten stays so.
      const conntrack = { tcp_loose: 0, tcp_timeout_established: seconds };
      const verdict = { drop: 'drop', reset: 'reject with tcp reset' }[then];
      nft(`add rule inet lab forwarded meta l4proto tcp ct state invalid counter ${verdict}`);
      const settings = Object.entries(conntrack).map(
        ([key, value]) => `net.netfilter.nf_conntrack_${key}=${value}`,
      );
      inside('sysctl', ['-qw', ...settings]);
    },
    link: (side, state) => {
      ip(namespaces[side], `link set dev eth0 ${state}`);
      // What a device loses when it goes down.
      if (state === 'up') ip(namespaces[side], `route replace default via ${gatewayOf(addresses[side].v4)}`);
    },
    withdraw: (side) => {
      ip(namespace, `route del ${gatewayOf(addresses[side].v4).replace(/1$/, '0')}/24`);
    },
    remember: () => {
      // The SYN that is sent again a second later passes.
      nft(`add set inet lab used { type inet_service; flags dynamic; }
        add set inet lab awaited { type inet_service; flags dynamic,timeout; timeout 1500ms; }
        add chain inet lab remembered { add @awaited { tcp sport } counter drop; }
        add rule inet lab forwarded iifname "client0" ${MATCH.syn} tcp sport @used tcp sport != @awaited goto remembered
        add rule inet lab forwarded iifname "client0" ${MATCH.syn} add @used { tcp sport }`);
    },
    flood: (port, count) => {
      ip(namespace, 'route add blackhole 198.18.0.0/15');
      inside('perl', [FLOOD, addresses.server.v4, `${port}`, `${count}`, '500']);
    },
  };
}

/** The router's address in the network of a host. */
function gatewayOf(v4: string): string {
  return v4.replace(/\d+$/, '1');
}
