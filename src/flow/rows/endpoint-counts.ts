import { formatAddress } from '../../decode/address.ts';
import { SERVER } from '../format/words.ts';
import type { Flows } from '../table/flows.ts';
import type { LiveFlows } from './live-flows.ts';

/** The ends of one holder that are in one state: of a client's address, or of a server's address and port. */
export interface Holder {
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

/** Who holds ends in these states (codes) now, in a live capture. */
export function findHolders({ table }: Flows, live: LiveFlows, states: readonly number[]): Holder[] {
  const isWanted = new Uint8Array(256);
  for (const state of states) isWanted[state] = 1;
  const holders = new Map<number | string, Holder>();
  for (let me = 0; me < table.used * 2; me++) {
    const state = live.states[me]!;
    if (isWanted[state] === 0) continue;
    const { key } = table;
    const at = table.addressOf(me);
    const end = me & 1;
    const port = end === SERVER ? table.portOf(me) : null;
    const name = nameOf(key, at, ((port ?? 0) * 2 + end) * 16 + state);
    const holder = holders.get(name);
    if (holder === undefined) {
      const ip = formatAddress(key[at]!, key[at + 1]!, key[at + 2]!, key[at + 3]!);
      holders.set(name, { state, end, ip, port, count: 1, sinceUs: live.since[me]! });
    } else {
      holder.count++;
      holder.sinceUs = Math.min(holder.sinceUs, live.since[me]!);
    }
  }
  return [...holders.values()];
}

/**
 * One value for a holder's address, at index `at`, and the rest of what tells it from others, 21 bits. IPv4
 * fits a number, which is found ten times faster than a text: there may be half a million ends to count.
 */
function nameOf(key: Uint32Array, at: number, rest: number): number | string {
  const [a, b, c, d] = [key[at]!, key[at + 1]!, key[at + 2]!, key[at + 3]!];
  return a === 0 && b === 0 && c === 0xffff ? d * 2 ** 21 + rest : `${a} ${b} ${c} ${d} ${rest}`;
}
