import type { FlowTable } from './table.ts';
import { BASE, BITS, CLIENT_IS_LOW, END_WIDTH, FLOW_WIDTH, HAS_SYN, KEY, STATUS } from './table-layout.ts';

/** Tuples that one connection may have on its way through NATs; more have a constant in common, as a scan's SYNs do. */
export const MAX_PLACES = 4;
/** Routers between the two sides at most, where nothing but the SYN speaks for a translation. */
const MAX_HOPS = 3;

/** The tuple with which a SYN was captured at some place. */
export interface Place {
  /** Tuple and ISN. */
  key: string;
  /** The client's address and the server's, four 32-bit words each. */
  words: Uint32Array;
  clientPort: number;
  serverPort: number;
  /** TTL or hop limit of the SYN. */
  ttl: number;
  /** The SYN has a TSval, or an IP identification, that is not 0. */
  hasTimestamp: boolean;
  hasIpId: boolean;
  /** The flow of this tuple is followed here. */
  isOurs: boolean;
  /** ISN of the SYN-ACK, undefined before it is captured. */
  answer: number | undefined;
}

/** What is known of a flow that was captured on both sides of a NAT. */
export interface Translation {
  /** It is another flow on the other side, which is reported; `perhaps` while nothing has confirmed that. */
  isCopy: boolean | 'perhaps';
  /** The other side of this flow, if this is the one to report: the tuple there, ports as in Place. */
  other: Pick<Place, 'words' | 'clientPort' | 'serverPort'> | undefined;
  /** The client's end, or the server's, has another address or port there. */
  isTranslated: readonly [client: boolean, server: boolean];
}

const NEITHER = [false, false] as const;

/**
 * Judges which of the tuples with which one SYN was captured are one connection: tells each place its translation,
 * undefined for none. The one to report is nearest to the client: its SYN has the highest TTL.
 */
export function judgePlaces(
  places: readonly Place[],
  tell: (place: Place, translation: Translation | undefined) => void,
): void {
  const nearest = places.reduce((best, place) => (place.ttl > best.ttl ? place : best));
  let other: Place | undefined;
  for (const place of places) {
    if (place === nearest) continue;
    const isCopy = places.length <= MAX_PLACES && isSame(nearest, place, places.length === 2);
    if (isCopy === true) other ??= place;
    tell(place, isCopy === false ? undefined : { isCopy, other: undefined, isTranslated: NEITHER });
  }
  if (other === undefined) tell(nearest, undefined);
  else tell(nearest, { isCopy: false, other, isTranslated: translated(nearest, other) });
}

/**
 * Two tuples of one SYN are the same connection. The server's ISN, the same on both sides, confirms it. A proxy that
 * repeats the client's SYN has another ISN on its other side, and a scan or flood that repeats one may change the port
 * of an end alone.
 */
function isSame(one: Place, other: Place, isPair: boolean): boolean | 'perhaps' {
  const [client, server] = translated(one, other);
  if ((client && !hasOtherAddress(one, other, 0)) || (server && !hasOtherAddress(one, other, 4)))
    return false;
  const hasCommonEnd = !client || !server;
  if (one.answer !== undefined && other.answer !== undefined)
    return one.answer === other.answer && one.answer !== 0 && (hasCommonEnd || one.hasTimestamp);
  if (!isPair || !hasCommonEnd) return false;
  return isForwarded(one, other) || 'perhaps';
}

/** Nothing but the SYN tells: nobody else can have its timestamp, or it has passed a router. */
function isForwarded({ ttl, hasTimestamp, hasIpId }: Place, other: Place): boolean {
  const hops = ttl - other.ttl;
  return hops <= MAX_HOPS && (hasTimestamp || (hasIpId && hops > 0));
}

function translated(one: Place, other: Place): [client: boolean, server: boolean] {
  return [
    one.clientPort !== other.clientPort || hasOtherAddress(one, other, 0),
    one.serverPort !== other.serverPort || hasOtherAddress(one, other, 4),
  ];
}

function hasOtherAddress({ words: a }: Place, { words: b }: Place, at: number): boolean {
  return a[at] !== b[at] || a[at + 1] !== b[at + 1] || a[at + 2] !== b[at + 2] || a[at + 3] !== b[at + 3];
}

/** Tuple and ISN; `words` are the client's address and the server's. */
export function keyOf(words: ArrayLike<number>, clientPort: number, serverPort: number, isn: number): string {
  const client = `${words[0]} ${words[1]} ${words[2]} ${words[3]} ${clientPort}`;
  return `${client} ${words[4]} ${words[5]} ${words[6]} ${words[7]} ${serverPort} ${isn}`;
}

/** The same of a flow; empty if its client's SYN was not captured. */
export function keyOfFlow(table: FlowTable, flow: number): string {
  const client = flow * 2;
  if ((table.end[client * END_WIDTH + BITS]! & HAS_SYN) === 0) return '';
  const k = flow * FLOW_WIDTH + KEY;
  const [low, high] = [table.key.subarray(k, k + 4), table.key.subarray(k + 4, k + 8)];
  const isLow = (table.flow[flow * FLOW_WIDTH + STATUS]! & CLIENT_IS_LOW) !== 0;
  const words = isLow ? [...low, ...high] : [...high, ...low];
  const isn = table.end[client * END_WIDTH + BASE]!;
  return keyOf(words, table.portOf(client), table.portOf(client + 1), isn);
}
