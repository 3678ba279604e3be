import { run } from '../run.ts';
import type { Network } from './network.ts';

// A router that hides both addresses of the client behind its own, without changing ports (so that one
// port may pass from the one to the other), and a server that judges both by one clock, as
// tcp_tw_recycle did until Linux 4.12.

/** Starts to translate; also notes the timestamp of every SYN beside its true address. */
export function startNat({ namespaces, addresses }: Network): void {
  const { client, behindNat } = addresses;
  load(
    namespaces.router,
    `table ip nat {
      map owners { type inet_service : ipv4_addr; flags dynamic; size 65535; }
      set clocks { typeof ip saddr . tcp option timestamp tsval; flags dynamic; size 65535; }
      chain out {
        type filter hook postrouting priority 0;
        oifname "server0" tcp flags & (syn | ack) == syn add @clocks { ip saddr . tcp option timestamp tsval }
        oifname "server0" delete @owners { tcp sport : ip saddr }
        oifname "server0" add @owners { tcp sport : ip saddr }
        oifname "server0" ip saddr { ${client.v4}, ${client.second} } ip saddr set ${behindNat}
      }
      chain in {
        type filter hook prerouting priority -300;
        iifname "server0" ip daddr ${behindNat} ip daddr set tcp dport map @owners
      }
    }`,
  );
}

/**
 * From now on the server drops every SYN whose timestamp is behind that of the client with the newer
 * clock, whichever of the two that is: there must have been a SYN of each.
 */
export function startPerHostPaws({ namespaces, addresses }: Network): void {
  const clocks = clocksOf(nft(namespaces.router, '-j list set ip nat clocks'));
  const [one, other] = [addresses.client.v4, addresses.client.second].map((ip) => clocks.get(ip));
  if (one === undefined || other === undefined) throw new Error('no SYN of each client yet');
  const newest = isBehind(one, other) ? other : one;
  load(
    namespaces.server,
    `table ip recycle { chain in {
      type filter hook input priority 0;
      tcp flags & (syn | ack) == syn tcp option timestamp tsval { ${clocksBehind(newest)} } counter drop
    }; }`,
  );
}

/** The last timestamp of each address in nft's listing of the set `clocks`. */
export function clocksOf(listing: string): Map<string, number> {
  const { nftables } = JSON.parse(listing) as {
    nftables: { set?: { elem?: { concat: [string, number] }[] } }[];
  };
  const clocks = new Map<string, number>();
  for (const { concat } of nftables.flatMap(({ set }) => set?.elem ?? [])) {
    const [ip, clock] = concat;
    const known = clocks.get(ip);
    if (known === undefined || isBehind(known, clock)) clocks.set(ip, clock);
  }
  return clocks;
}

/** Timestamps are compared modulo 2^32 (RFC 7323 section 5.2). */
function isBehind(clock: number, other: number): boolean {
  return ((clock - other) | 0) < 0;
}

/** All timestamps behind this one, as one or two ranges of an nftables set. */
export function clocksBehind(clock: number): string {
  const oldest = (clock - 2 ** 31 + 1) >>> 0;
  const latest = (clock - 1) >>> 0;
  return oldest <= latest ? `${oldest}-${latest}` : `0-${latest}, ${oldest}-${2 ** 32 - 1}`;
}

function load(namespace: string, ruleset: string): void {
  nft(namespace, '-f -', ruleset);
}

function nft(namespace: string, words: string, input?: string): string {
  return run('ip', ['netns', 'exec', namespace, 'nft', ...words.split(' ')], input);
}
