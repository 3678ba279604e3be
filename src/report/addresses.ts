// src/report, SQLite to answers. Its rooms import only from those before them:
// these files < ladder < flows, states, summary < diagnose
// ladder: one connection as a picture; flows: the list; states: counts at an instant; summary: analyze's end and
// report; diagnose: findings. queries/ are the named ones, in SQL.

import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { Database } from 'better-sqlite3';

/** An IP address or a network in CIDR form, `10.0.0.0/8`, `2001:db8::/32`. */
export interface Network {
  address: string;
  family: 'ipv4' | 'ipv6';
  /** Bits that count. */
  prefix: number;
}

/** Reads an address or a network; undefined if the text is neither. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = '', bits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
  if (family === undefined) return undefined;
  const longest = family === 'ipv4' ? 32 : 128;
  const prefix = Number(bits ?? longest);
  return prefix > longest ? undefined : { address, family, prefix };
}

/** The numbers of the addresses (`addresses.id`) in a network. */
export function addressIds(db: Database, { address, family, prefix }: Network): number[] {
  const network = new BlockList();
  network.addSubnet(address, prefix, family);
  const [from, to] = textRange(address, family, prefix);
  return db
    .prepare<[string, string], [number, string]>('SELECT id, ip FROM addresses WHERE ip >= ? AND ip < ?')
    .raw()
    .all(from, to)
    .filter(([, ip]) => ip.includes(':') === (family === 'ipv6') && network.check(ip, family))
    .map(([id]) => id);
}

/** Between which texts the index has a network's addresses, so that not all need to be looked at. */
function textRange(address: string, family: Network['family'], prefix: number): [string, string] {
  if (family === 'ipv6') return ['', 'g'];
  const octets = address.split('.').slice(0, prefix >> 3);
  const start = octets.map((octet) => `${octet}.`).join('');
  return octets.length === 4 ? [address, `${address} `] : [start, `${start}:`];
}
