import type { Database } from 'better-sqlite3';
import { ENDPOINTS, STATES } from '../../flow/format/words.ts';
import { enteredColumn } from '../schema/state-columns.ts';
import type { TimelineBuilder } from './timeline-builder.ts';

/** Which lives are wanted: those of flows within a time (microseconds since the epoch), of ends with these addresses. */
export interface LivesWanted {
  fromUs: number;
  toUs: number;
  /** Numbers of `addresses`; all where undefined. */
  addresses: readonly number[] | undefined;
}

const ALL: LivesWanted = { fromUs: 0, toUs: Number.MAX_SAFE_INTEGER, addresses: undefined };
const ENTERED = ENDPOINTS.flatMap((end) => STATES.map((state) => enteredColumn(end, state)));

/** Adds the lives of ends to a timeline. */
export function addLives(db: Database, builder: TimelineBuilder, wanted: LivesWanted = ALL): void {
  const isWanted = wanted.addresses && new Set(wanted.addresses);
  const life = new Float64Array(STATES.length);
  for (const [client, server, first, observed, ...entered] of lives(db, wanted)) {
    for (const [end, address] of [client, server].entries()) {
      if (isWanted !== undefined && !isWanted.has(address!)) continue;
      for (let state = 0; state < life.length; state++) {
        life[state] = entered[end * life.length + state] ?? Number.NaN;
      }
      builder.add(end, first!, observed!, life, 0);
    }
  }
}

/** Of each flow: addresses, first, observed, and when the client, then the server entered each state. */
function lives(db: Database, { fromUs, toUs, addresses }: LivesWanted): IterableIterator<(number | null)[]> {
  const ofThem = ENDPOINTS.map((end) => `${end}_address IN (SELECT value FROM json_each(:ids))`).join(' OR ');
  return db
    .prepare<[Record<string, number | string>], (number | null)[]>(
      `SELECT client_address, server_address, first, observed, ${ENTERED.join(', ')} FROM flow_data
       WHERE ${addresses === undefined ? '' : `(${ofThem}) AND`} first <= :toUs AND first + observed >= :fromUs`,
    )
    .raw()
    .iterate({ fromUs, toUs, ...(addresses && { ids: JSON.stringify(addresses) }) });
}
