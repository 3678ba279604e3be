import type { Database } from 'better-sqlite3';
import {
  CLOSE_KINDS,
  CLOSED_FIRST,
  ENDPOINTS,
  type Endpoint,
  RESET_KINDS,
  STATES,
  type StateName,
} from '../flow/words.ts';
import { addressIds, type Network } from './addresses.ts';
import { stateLength } from './flow-list-columns.ts';
import { enteredColumn } from './state-columns.ts';

/** Lets every flow pass. */
export const ALL = '1';

/** A value of one endpoint, or of either. */
export interface OfEnd<T> {
  endpoint: Endpoint | undefined;
  value: T;
}

/** Which flows are listed: those that every option lets pass; of an option's values one is enough. */
export interface FlowFilters {
  closedFirst?: readonly ((typeof CLOSED_FIRST)[number] | 'none')[] | undefined;
  kind?: readonly (typeof CLOSE_KINDS)[number][] | undefined;
  /** The last state. */
  state?: readonly OfEnd<StateName>[] | undefined;
  network?: readonly OfEnd<Network>[] | undefined;
  port?: readonly OfEnd<number>[] | undefined;
  /** In a state for longer than so many microseconds. */
  longerThan?: readonly OfEnd<{ state: StateName; us: number }>[] | undefined;
  resetKind?: readonly (typeof RESET_KINDS)[number][] | undefined;
  resetBy?: readonly Endpoint[] | undefined;
  /** The first segment is not before, and before, in microseconds since the epoch. */
  sinceUs?: number | undefined;
  untilUs?: number | undefined;
}

/** A condition on flow_data, and the values to bind to its question marks. */
export interface Condition {
  sql: string;
  values: (number | string)[];
}

/** The condition for some filters; ALL where there are none. */
export function condition(db: Database, filters: FlowFilters): Condition {
  const { closedFirst, kind, state, network, port, longerThan, resetKind, resetBy, sinceUs, untilUs } =
    filters;
  const all = [
    anyOf(closedFirst, (word) =>
      word === 'none'
        ? { sql: 'closed_first IS NULL', values: [] }
        : isCode('closed_first', CLOSED_FIRST, word),
    ),
    anyOf(kind, (word) => isCode('close_kind', CLOSE_KINDS, word)),
    anyOf(resetKind, (word) => isCode('reset_kind', RESET_KINDS, word)),
    anyOf(resetBy, (word) => isCode('reset_by', ENDPOINTS, word)),
    anyOf(state, (of) => ofEnds(of, (end, word) => isCode(`${end}_state`, STATES, word))),
    anyOf(port, (of) => ofEnds(of, (end, number) => ({ sql: `${end}_port = ?`, values: [number] }))),
    anyOf(network, (of) => {
      const ids = addressIds(db, of.value);
      return ofEnds(of, (end) => hasAddress(end, ids));
    }),
    anyOf(longerThan, (of) =>
      // Most ends never were in it: that is found out sooner than the length.
      ofEnds(of, (end, { state: name, us }) => ({
        sql: `(${enteredColumn(end, name)} IS NOT NULL AND ${stateLength(end, name)} > ?)`,
        values: [us],
      })),
    ),
    sinceUs === undefined ? [] : [{ sql: 'first >= ?', values: [sinceUs] }],
    untilUs === undefined ? [] : [{ sql: 'first < ?', values: [untilUs] }],
  ].flat();
  return join(all, ' AND ', ALL);
}

function anyOf<T>(given: readonly T[] | undefined, of: (value: T) => Condition): Condition[] {
  return given === undefined ? [] : [join(given.map(of), ' OR ', '0')];
}

function ofEnds<T>({ endpoint, value }: OfEnd<T>, of: (end: Endpoint, value: T) => Condition): Condition {
  const ends = endpoint === undefined ? ENDPOINTS : [endpoint];
  return join(
    ends.map((end) => of(end, value)),
    ' OR ',
    '0',
  );
}

/** One address is looked for faster than a list of one. */
function hasAddress(end: Endpoint, ids: readonly number[]): Condition {
  if (ids.length === 1) return { sql: `${end}_address = ?`, values: [...ids] };
  return { sql: `${end}_address IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(ids)] };
}

function isCode<W extends string>(column: string, words: readonly W[], word: W): Condition {
  return { sql: `${column} = ?`, values: [words.indexOf(word)] };
}

function join(conditions: readonly Condition[], operator: string, none: string): Condition {
  if (conditions.length === 0) return { sql: none, values: [] };
  return {
    sql: `(${conditions.map(({ sql }) => sql).join(operator)})`,
    values: conditions.flatMap(({ values }) => values),
  };
}
