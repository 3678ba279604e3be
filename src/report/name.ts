import type { Database } from 'better-sqlite3';
import type { Endpoint } from '../flow/format/words.ts';
import { addressIds, type Network, parseNetwork } from './addresses.ts';
import { allOf, type Condition, hasAddress, hasPort, oneOf, type Socket, socketsOf } from './condition.ts';

/** One end of a connection as people name it: an address or network, a port, or both. */
export interface EndName {
  network?: Network;
  port?: number;
}

/** A flow by its number, or by one or both of its ends, in either order. */
export type FlowName = { id: number } | { ends: readonly EndName[] };

/** Reads `7`, `10.0.0.1:40001-10.0.0.2:80`, `[::1]:80-[::1]:4242`, or a part of that; undefined if it is none. */
export function parseFlowName(text: string): FlowName | undefined {
  if (/^\d+$/.test(text)) return { id: Number(text) };
  const ends = text.split(/\s*->?\s*/).map(parseEnd);
  if (ends.length > 2) return undefined;
  const known = ends.filter((end) => end !== undefined);
  return known.length === ends.length ? { ends: known } : undefined;
}

function parseEnd(text: string): EndName | undefined {
  const bare = parseNetwork(text);
  if (bare !== undefined) return { network: bare };
  const [, bracketed, plain = '', digits] = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const ip = bracketed ?? plain;
  const network = parseNetwork(ip);
  const port = digits === undefined ? undefined : Number(digits);
  if ((ip !== '' && network === undefined) || (port ?? 0) > 65_535) return undefined;
  if (network === undefined && port === undefined) return undefined;
  return { ...(network && { network }), ...(port !== undefined && { port }) };
}

/** `10.0.0.1:80`, `[::1]:80`: as parseFlowName reads it; the address alone if there is no port. */
export function endName(ip: string, port: number | null): string {
  if (port === null) return ip;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** Whether a name is a whole 4-tuple: several flows of that name are one pair of ends used again. */
export function isFourTuple(name: FlowName): boolean {
  return 'ends' in name && name.ends.length === 2 && name.ends.every(isWhole);
}

function isWhole({ network, port }: EndName): boolean {
  return port !== undefined && network?.prefix === (network?.family === 'ipv4' ? 32 : 128);
}

/** The numbers of the flows that have a name, in order of their first segments. */
export function findFlows(db: Database, name: FlowName): number[] {
  if ('id' in name) {
    return db.prepare<[number], number>('SELECT id FROM flow_data WHERE id = ?').pluck().all(name.id);
  }
  const ends = name.ends.map((end) => endCondition(db, end));
  const inOrder = (order: readonly Endpoint[]) => allOf(ends.map((end, i) => end(order[i]!)));
  const { sql, values } = oneOf([inOrder(['client', 'server']), inOrder(['server', 'client'])]);
  return db
    .prepare<(number | string)[], number>(`SELECT id FROM flow_data WHERE ${sql} ORDER BY first, id`)
    .pluck()
    .all(...values);
}

/** What a flow's client or server has to be, on either side of a NAT. Ports come first: they are the quickest to compare. */
function endCondition(db: Database, { network, port }: EndName): (end: Endpoint) => Condition {
  const ids = network && addressIds(db, network);
  const isIt = (socket: Socket) =>
    allOf([
      ...(port === undefined ? [] : [hasPort(socket, port)]),
      ...(ids === undefined ? [] : [hasAddress(socket, ids)]),
    ]);
  return (end) => oneOf(socketsOf(end).map(isIt));
}
