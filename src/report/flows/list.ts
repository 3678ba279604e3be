import type { Database } from 'better-sqlite3';
import { ENDPOINTS } from '../../flow/format/words.ts';
import type { Answer } from '../answer.ts';
import { ALWAYS, type Condition } from '../condition.ts';
import type { Value } from '../rows.ts';
import {
  type FlowColumn,
  FOR_PEOPLE,
  FOR_PROGRAMS,
  isAscending,
  lengthColumn,
  RESETS,
  sortColumn,
} from './list-columns.ts';
import { type FlowFilters, filterCondition } from './list-filters.ts';

/** Which flows, in which order, and for whom. */
export interface FlowListOptions {
  filters: FlowFilters;
  /** One of SORTS or a state; by number without it. */
  sort?: string | undefined;
  reverse: boolean;
  /** The most rows. */
  limit?: number | undefined;
  /** For people: addresses and ports as one column. */
  readable: boolean;
}

/** The flows as rows that are read as they are taken; then `total` tells how many there are without the limit. */
export interface FlowList {
  answer: Answer;
  total: () => number;
}

/** Lists flows. Only those that are shown get their words and addresses. */
export function listFlows(db: Database, options: FlowListOptions): FlowList {
  const { filters, sort = 'id', reverse, limit } = options;
  const where = filterCondition(db, filters);
  const columns = columnsFor(options);
  const descending = isAscending(sort) === reverse;
  // Where all have to be looked at to put them in order, they are counted on the way.
  const counts = limit !== undefined && sort !== 'id' && where.sql !== ALWAYS;
  const total = counts ? 'count(*) OVER ()' : 'NULL';
  const order = (key: string) => `${key} ${descending ? 'DESC' : 'ASC'} NULLS LAST`;
  const statement = db.prepare<(number | string)[], Value[]>(`
    WITH chosen AS (
      SELECT id, ${sortColumn(sort).sql} AS sort_key, ${total} AS total FROM flow_data AS f
      WHERE ${where.sql} ORDER BY ${order('sort_key')}, id LIMIT ?)
    SELECT chosen.total, ${columns.map(({ sql }) => sql).join(', ')}
    FROM chosen CROSS JOIN flow_data AS f ON f.id = chosen.id
      ${ENDPOINTS.map((end) => `LEFT JOIN addresses AS ${end} ON ${end}.id = f.${end}_address`).join(' ')}
    ORDER BY ${order('chosen.sort_key')}, f.id`);
  let counted = counts ? 0 : undefined;
  function* rows(): Generator<Value[]> {
    for (const [total, ...row] of statement.raw().iterate(...where.values, limit ?? -1)) {
      if (counts) counted = Number(total);
      yield row;
    }
  }
  return {
    answer: { fields: columns, rows: words(columns, rows()) },
    total: () => counted ?? countFlows(db, where),
  };
}

/** How many flows there are. */
export function countAll(db: Database): number {
  return countFlows(db, { sql: ALWAYS, values: [] });
}

/** All flows are counted by their numbers, which go from 1 without a gap. */
function countFlows(db: Database, { sql, values }: Condition): number {
  const counted = sql === ALWAYS ? 'ifnull(max(id), 0)' : 'count(*)';
  return db
    .prepare<(number | string)[], number>(`SELECT ${counted} FROM flow_data AS f WHERE ${sql}`)
    .pluck()
    .get(...values)!;
}

/** The columns that are always there, and what the flows were chosen or put in order by. */
function columnsFor({ filters, sort, readable }: FlowListOptions): FlowColumn[] {
  const { before, after } = readable ? FOR_PEOPLE : FOR_PROGRAMS;
  const lengths = filters.longerThan?.map(({ value }) => lengthColumn(value.state)) ?? [];
  const resets = filters.resetKind || filters.resetBy ? RESETS : [];
  const sorted = sort === undefined ? [] : [sortColumn(sort)];
  const all = [...before, ...sorted, ...lengths, ...resets, ...after];
  return all.filter(({ name }, i) => all.findIndex((column) => column.name === name) === i);
}

function* words(columns: readonly FlowColumn[], rows: Iterable<Value[]>): Generator<Value[]> {
  for (const row of rows) {
    yield row.map((value, i) => {
      const names = columns[i]!.words;
      return names === undefined || value === null ? value : names[Number(value)]!;
    });
  }
}
