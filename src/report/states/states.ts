import type { Database } from 'better-sqlite3';
import { CLIENT, ENDPOINTS, type Endpoint, SERVER, STATES, type StateName } from '../../flow/format/words.ts';
import { STATE_COUNT } from '../../record/timeline/timeline.ts';
import type { Network } from '../addresses.ts';
import type { Answer, Field } from '../answer.ts';
import type { Value } from '../rows.ts';
import { netstatName } from '../state-spelling.ts';
import { StateCounter } from './state-counter.ts';
import { readTimeline } from './timeline.ts';

/** The states a netstat shows: all but CLOSED. */
const STANDING = STATES.slice(0, STATE_COUNT);

/** Which ends are counted. */
export interface StatesFilter {
  /** Only clients, or only servers. */
  endpoint: Endpoint | undefined;
  /** Only ends whose own address is in it. */
  network: Network | undefined;
}

/** Ends by state at an instant, in microseconds since the epoch: one row per state, those without any left out. */
export function statesAt(db: Database, atUs: number, filter: StatesFilter): Answer {
  const counts = new StateCounter(readTimeline(db, { fromUs: atUs, toUs: atUs }, filter.network)).at(atUs);
  const ends = endsOf(filter);
  return {
    fields: [
      { name: 'state', kind: 'plain', head: '' },
      ...ends.map((end): Field => ({ name: ENDPOINTS[end]!, kind: 'count' })),
    ],
    rows: STANDING.map((state, code): Value[] => [
      state,
      ...ends.map((end) => counts[end * STATE_COUNT + code]!),
    ]).filter(([, ...numbers]) => numbers.some((number) => number !== 0)),
  };
}

/** How many ends in an answer of statesAt() are in a state that the capture does not show. */
export function unknownIn({ rows }: Answer): number {
  const [, ...ends] = Array.from(rows).find(([state]) => state === 'UNKNOWN') ?? [];
  return ends.reduce<number>((sum, number) => sum + Number(number), 0);
}

/**
 * Sockets by state at an instant as `netstat -n` would count and spell them: one row per state that has any.
 * Those whose state the capture does not show are in `unknown` alone.
 */
export function netstatAt(db: Database, atUs: number, filter: StatesFilter): Answer & { unknown: number } {
  const all = Array.from(statesAt(db, atUs, filter).rows, ([state, ...numbers]) => ({
    state: state as StateName,
    sockets: numbers.reduce<number>((sum, number) => sum + Number(number), 0),
  }));
  return {
    unknown: all.find(({ state }) => state === 'UNKNOWN')?.sockets ?? 0,
    fields: [
      { name: 'state', kind: 'plain' },
      { name: 'sockets', kind: 'plain' },
    ],
    rows: all
      .filter(({ state }) => state !== 'UNKNOWN')
      .map(({ state, sockets }) => [netstatName(state), sockets]),
  };
}

/** Ends by state at every step from one instant to another: one row per instant and endpoint, one column per state. Its rows can be read more than once. */
export function statesEvery(
  db: Database,
  { fromUs, toUs, stepUs }: { fromUs: number; toUs: number; stepUs: number },
  filter: StatesFilter,
): Answer {
  const timeline = readTimeline(db, { fromUs, toUs }, filter.network);
  const ends = endsOf(filter);
  function* rows(): Generator<Value[]> {
    const counter = new StateCounter(timeline);
    for (let atUs = fromUs; atUs <= toUs; atUs += stepUs) {
      const counts = counter.at(atUs);
      for (const end of ends) {
        yield [atUs, ENDPOINTS[end]!, ...counts.subarray(end * STATE_COUNT, (end + 1) * STATE_COUNT)];
      }
    }
  }
  return {
    fields: [
      { name: 'at_us', kind: 'time' },
      { name: 'endpoint', kind: 'plain' },
      ...STANDING.map((name): Field => ({ name, kind: 'count' })),
    ],
    rows: { [Symbol.iterator]: rows },
  };
}

/** The same answer without the columns of states that nothing is ever in: for people. Its rows are read twice. */
export function withoutEmptyStates({ fields, rows }: Answer): Answer {
  const isShown = fields.map(({ kind }) => kind !== 'count');
  for (const row of rows) {
    for (const [i, value] of row.entries()) isShown[i] ||= value !== 0;
  }
  function* shown(): Generator<Value[]> {
    for (const row of rows) yield row.filter((_, i) => isShown[i]);
  }
  return { fields: fields.filter((_, i) => isShown[i]), rows: shown() };
}

function endsOf({ endpoint }: StatesFilter): number[] {
  return [CLIENT, SERVER].filter((end) => endpoint === undefined || ENDPOINTS[end] === endpoint);
}
