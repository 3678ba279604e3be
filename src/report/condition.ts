import type { Endpoint } from '../flow/format/words.ts';

/** A condition on flow_data, and the values to bind to its question marks. */
export interface Condition {
  sql: string;
  values: (number | string)[];
}

/** Lets every flow pass. */
export const ALWAYS = '1';
const NEVER = '0';

/** All of them have to hold; of none, that is always so. */
export function allOf(conditions: readonly Condition[]): Condition {
  return join(conditions, ' AND ', ALWAYS);
}

/** One of them has to hold; of none, that is never so. */
export function oneOf(conditions: readonly Condition[]): Condition {
  return join(conditions, ' OR ', NEVER);
}

function join(conditions: readonly Condition[], operator: string, none: string): Condition {
  if (conditions.length === 0) return { sql: none, values: [] };
  return {
    sql: `(${conditions.map(({ sql }) => sql).join(operator)})`,
    values: conditions.flatMap(({ values }) => values),
  };
}

/** An end as it was captured, or on the other side of a NAT. */
export type Socket = Endpoint | `${Endpoint}_translated`;

/** The sockets of an end. */
export function socketsOf(end: Endpoint): Socket[] {
  return [end, `${end}_translated`];
}

/** An end's port. */
export function hasPort(end: Socket, port: number): Condition {
  return { sql: `${end}_port = ?`, values: [port] };
}

/** An end's address is one of these (`addresses.id`): one alone is looked for faster than a list of one. */
export function hasAddress(end: Socket, ids: readonly number[]): Condition {
  if (ids.length === 1) return { sql: `${end}_address = ?`, values: [...ids] };
  return { sql: `${end}_address IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(ids)] };
}
