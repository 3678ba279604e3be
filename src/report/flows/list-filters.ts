import type { Database } from 'better-sqlite3';
import {
  CLOSE_KINDS,
  CLOSED_FIRST,
  ENDPOINTS,
  type Endpoint,
  RESET_KINDS,
  STATES,
  type StateName,
} from '../../flow/format/words.ts';
import { enteredColumn } from '../../record/schema/state-columns.ts';
import { addressIds, type Network } from '../addresses.ts';
import { allOf, type Condition, hasAddress, hasPort, oneOf, type Socket, socketsOf } from '../condition.ts';
import { stateLength } from './list-columns.ts';

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
  /** In a state for longer than this many microseconds. */
  longerThan?: readonly OfEnd<{ state: StateName; us: number }>[] | undefined;
  resetKind?: readonly (typeof RESET_KINDS)[number][] | undefined;
  resetBy?: readonly Endpoint[] | undefined;
  /** The first segment is not before, and before, in microseconds since the epoch. */
  sinceUs?: number | undefined;
  untilUs?: number | undefined;
}

/** The condition for some filters. */
export function filterCondition(db: Database, filters: FlowFilters): Condition {
  const { closedFirst, kind, state, network, port, longerThan, resetKind, resetBy, sinceUs, untilUs } =
    filters;
  const all = [
    ifGiven(closedFirst, (word) =>
      word === 'none'
        ? { sql: 'closed_first IS NULL', values: [] }
        : isCode('closed_first', CLOSED_FIRST, word),
    ),
    ifGiven(kind, (word) => isCode('close_kind', CLOSE_KINDS, word)),
    ifGiven(resetKind, (word) => isCode('reset_kind', RESET_KINDS, word)),
    ifGiven(resetBy, (word) => isCode('reset_by', ENDPOINTS, word)),
    ifGiven(state, (of) => ofEnds(of, (end, word) => isCode(`${end}_state`, STATES, word))),
    ifGiven(port, (of) => ofSockets(of, hasPort)),
    ifGiven(network, (of) => {
      const ids = addressIds(db, of.value);
      return ofSockets(of, (end) => hasAddress(end, ids));
    }),
    ifGiven(longerThan, (of) =>
      // Most ends never were in it: that is found out sooner than the length.
      ofEnds(of, (end, { state: name, us }) => ({
        sql: `(${enteredColumn(end, name)} IS NOT NULL AND ${stateLength(end, name)} > ?)`,
        values: [us],
      })),
    ),
    sinceUs === undefined ? [] : [{ sql: 'first >= ?', values: [sinceUs] }],
    untilUs === undefined ? [] : [{ sql: 'first <= ?', values: [untilUs] }],
  ].flat();
  return allOf(all);
}

function ifGiven<T>(given: readonly T[] | undefined, of: (value: T) => Condition): Condition[] {
  return given === undefined ? [] : [oneOf(given.map(of))];
}

function ofEnds<T>({ endpoint, value }: OfEnd<T>, of: (end: Endpoint, value: T) => Condition): Condition {
  const ends = endpoint === undefined ? ENDPOINTS : [endpoint];
  return oneOf(ends.map((end) => of(end, value)));
}

/** The same of an end on either side of a NAT. */
function ofSockets<T>(given: OfEnd<T>, of: (end: Socket, value: T) => Condition): Condition {
  return ofEnds(given, (end, value) => oneOf(socketsOf(end).map((socket) => of(socket, value))));
}

function isCode<W extends string>(column: string, words: readonly W[], word: W): Condition {
  return { sql: `${column} = ?`, values: [words.indexOf(word)] };
}
