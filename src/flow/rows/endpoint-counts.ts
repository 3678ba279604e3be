import { formatAddress } from '../../decode/address.ts';
import { SERVER } from '../format/words.ts';
import type { Flows } from '../table/flows.ts';
import type { LiveFlows } from './live-flows.ts';

/** How many endpoints are in one state: of a client's address, or of a server's address and port. */
export interface EndpointCount {
  /** Code of the state. */
  state: number;
  /** CLIENT or SERVER. */
  end: number;
  ip: string;
  /** Of a server; NULL of clients, whose ports differ. */
  port: number | null;
  count: number;
  /** When the first of them entered it, microseconds since the epoch. */
  sinceUs: number;
}

/** Counts the endpoints that are in these states (codes) now, in a live capture. */
export function countEndpoints(
  { table }: Flows,
  live: LiveFlows,
  states: readonly number[],
): EndpointCount[] {
  const isWanted = new Uint8Array(256);
  for (const state of states) isWanted[state] = 1;
  const counts = new Map<number | string, EndpointCount>();
  for (let me = 0; me < table.used * 2; me++) {
    const state = live.states[me]!;
    if (isWanted[state] === 0) continue;
    const { key } = table;
    const at = table.addressOf(me);
    const end = me & 1;
    const port = end === SERVER ? table.portOf(me) : null;
    const group = groupOf(key, at, ((port ?? 0) * 2 + end) * 16 + state);
    const known = counts.get(group);
    if (known === undefined) {
      const ip = formatAddress(key[at]!, key[at + 1]!, key[at + 2]!, key[at + 3]!);
      counts.set(group, { state, end, ip, port, count: 1, sinceUs: live.since[me]! });
    } else {
      known.count++;
      known.sinceUs = Math.min(known.sinceUs, live.since[me]!);
    }
  }
  return [...counts.values()];
}

/**
 * The key of a count: the address at index `at`, and 21 bits of port, side and state. For IPv4 that fits a
 * number, which is found ten times faster than a string: there may be half a million endpoints to count.
 */
function groupOf(key: Uint32Array, at: number, rest: number): number | string {
  const [a, b, c, d] = [key[at]!, key[at + 1]!, key[at + 2]!, key[at + 3]!];
  return a === 0 && b === 0 && c === 0xffff ? d * 2 ** 21 + rest : `${a} ${b} ${c} ${d} ${rest}`;
}
