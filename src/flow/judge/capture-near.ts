import { code } from '../format/word-table.ts';
import { ENDPOINTS } from '../format/words.ts';
import type { Flows } from '../table/flows.ts';
import { DUPLICATES, ROUND_TRIP, SEGMENTS } from '../table/table-layout.ts';

const CLIENT = code(ENDPOINTS, 'client');
const SERVER = code(ENDPOINTS, 'server');
/** One round trip has to be shorter than the other by this factor. */
const CLEARLY = 2;

/**
 * Which end the capture point was near, as a code of ENDPOINTS: the one that answered sooner in the handshake, and from
 * which no router was passed. NaN where the two say otherwise, or nothing; where each segment was captured at two
 * places; and for a host's connection to itself.
 */
export function captureNear(flows: Flows, client: number): number {
  const server = client + 1;
  const toClient = flows.get(client, ROUND_TRIP);
  const toServer = flows.get(server, ROUND_TRIP);
  if (toClient === 0 || toServer === 0 || isSameHost(flows, client)) return Number.NaN;
  if (wasTwice(flows, client) || wasTwice(flows, server)) return Number.NaN;
  const isAtClient = hasInitialTtl(flows, client);
  const isAtServer = hasInitialTtl(flows, server);
  if (toClient * CLEARLY <= toServer) return isAtServer && !isAtClient ? Number.NaN : CLIENT;
  if (toServer * CLEARLY <= toClient) return isAtClient && !isAtServer ? Number.NaN : SERVER;
  if (isAtClient === isAtServer) return Number.NaN;
  return isAtClient ? CLIENT : SERVER;
}

/** Its TTL or hop limit is one that systems send with. */
function hasInitialTtl(flows: Flows, me: number): boolean {
  const ttl = flows.ttlOf(me);
  return ttl === 64 || ttl === 128 || ttl === 255;
}

function wasTwice(flows: Flows, me: number): boolean {
  return flows.get(me, DUPLICATES) * 2 >= flows.get(me, SEGMENTS);
}

function isSameHost({ table }: Flows, client: number): boolean {
  const a = table.addressOf(client);
  const b = table.addressOf(client + 1);
  for (let i = 3; i >= 0; i--) if (table.key[a + i] !== table.key[b + i]) return false;
  return true;
}
