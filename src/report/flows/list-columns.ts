import {
  CLOSE_KINDS,
  CLOSED_FIRST,
  ENDPOINTS,
  type Endpoint,
  RESET_EVIDENCE,
  RESET_KINDS,
  STATES,
  type StateName,
} from '../../flow/format/words.ts';
import { enteredColumn, leftColumn } from '../../record/schema/state-columns.ts';
import type { Field } from '../answer.ts';

/** A column of the list: an SQL expression over `flow_data AS f` with the addresses `client` and `server`. */
export interface FlowColumn extends Field {
  sql: string;
  /** Where the number is a code: its words. */
  words?: readonly string[];
}

const US = { kind: 'duration' } as const;
const plain = (name: string, sql: string, head?: string): FlowColumn => ({
  name,
  kind: 'plain',
  sql,
  ...(head === undefined ? {} : { head }),
});
const word = (name: string, words: readonly string[], head?: string): FlowColumn => ({
  ...plain(name, `f.${name}`, head),
  words,
});

const ID = plain('id', 'f.id');
const START: FlowColumn = { name: 'start_us', kind: 'time', sql: 'f.first' };
/** `ip:port`, for people. */
const SOCKETS = ENDPOINTS.map((end) =>
  plain(end, `iif(instr(${end}.ip, ':'), '[' || ${end}.ip || ']', ${end}.ip) || ':' || f.${end}_port`),
);
/** The same in columns of their own, for programs. */
const ADDRESSES = ENDPOINTS.flatMap((end) => [
  plain(`${end}_ip`, `${end}.ip`),
  plain(`${end}_port`, `f.${end}_port`),
]);
const CLOSE: readonly FlowColumn[] = [
  word('close_kind', CLOSE_KINDS, 'kind'),
  word('closed_first', CLOSED_FIRST, 'closed first'),
  { name: 'close_duration_us', ...US, head: 'close', sql: 'f.close_ended - f.close_started' },
  ...ENDPOINTS.map((end) => word(`${end}_state`, STATES, `${end} state`)),
];

/** The columns for people: the addresses as one, the time last, as it is wide. */
export const FOR_PEOPLE = { before: [ID, ...SOCKETS, ...CLOSE], after: [START] };
/** The columns for programs. */
export const FOR_PROGRAMS = { before: [ID, START, ...ADDRESSES, ...CLOSE], after: [] };

/** What is shown where flows are chosen by their resets. */
export const RESETS: readonly FlowColumn[] = [
  word('reset_by', ENDPOINTS, 'reset by'),
  word('reset_kind', RESET_KINDS, 'reset kind'),
  word('reset_evidence', RESET_EVIDENCE, 'evidence'),
];

/** What flows can be put in order by, beside their states' lengths; all but the start with the most first. */
const SORT_COLUMNS: Readonly<Record<string, FlowColumn>> = {
  id: ID,
  start: START,
  duration: { name: 'duration_us', ...US, sql: 'f.last' },
  'close-duration': CLOSE[2]!,
  bytes: { name: 'bytes', kind: 'count', sql: 'f.client_bytes + f.server_bytes' },
  segments: { name: 'segments', kind: 'count', sql: 'f.client_segments + f.server_segments' },
  retransmissions: {
    name: 'retransmissions',
    kind: 'count',
    sql: 'f.client_retransmissions + f.server_retransmissions',
  },
};

/** The words for an order. */
export const SORTS: readonly string[] = Object.keys(SORT_COLUMNS);
/** The states that have a length: nothing follows CLOSED. */
export const STATES_WITH_LENGTH = STATES.filter((state) => state !== 'CLOSED');

/** The column of an order's word or of a state's length. */
export function sortColumn(word: string): FlowColumn {
  return SORT_COLUMNS[word] ?? lengthColumn(STATES[STATES.indexOf(word as StateName)]!);
}

/** The order in which a word is of most use: times and numbers of flows from the first, amounts from the largest. */
export function isAscending(word: string): boolean {
  return word === 'id' || word === 'start';
}

/** How long a state lasted at least; where both ends were in it, the longer. */
export function lengthColumn(state: StateName): FlowColumn {
  const [client, server] = [stateLength('client', state), stateLength('server', state)];
  return {
    name: `${state.toLowerCase()}_us`,
    ...US,
    head: state,
    sql:
      `CASE WHEN ${enteredColumn('client', state)} IS NULL THEN ${server} ` +
      `WHEN ${enteredColumn('server', state)} IS NULL THEN ${client} ELSE max(${client}, ${server}) END`,
  };
}

/**
 * How long an end was in a state at least, in microseconds: until it left it, or for as long as it was
 * watched; of TIME_WAIT, which no packet shows end, what is proven.
 */
export function stateLength(end: Endpoint, state: StateName): string {
  if (state === 'TIME_WAIT') return `${end}_time_wait_at_least`;
  return `coalesce(${leftColumn(end, state)}, observed) - ${enteredColumn(end, state)}`;
}
