import type { Database } from 'better-sqlite3';
import { exampleReader } from './examples.ts';
import type { Evidence, ExampleFlow } from './finding.ts';
import { type Literal, type Literals, literal, withLiterals } from './literals.ts';
import { knownNumbers, type OptionalNumbers } from './numbers.ts';

// A rule counts rows of one statement; the same statement, narrowed to a subject and with its values
// written in, is the SQL that a finding shows. So what is counted is what is shown.

/** What a rule counts. */
export interface Cases {
  /**
   * A SELECT with a row for each thing that counts. Its columns: `flow_id`, `since_us` and `until_us`
   * (when it was seen), the ends, those of `by`, and what else proves it, frame numbers among it.
   * Parameters are `:name`.
   */
  sql: string;
  /** The columns that name the subject. */
  by: readonly string[];
  /** What else is to be known of a subject: aggregates over the rows, `standing_peak` among them, by name. */
  measures?: Readonly<Record<string, string>>;
  /** Which subjects are found: a condition on `count` and the measures. */
  having?: string;
  /** The rows with the most of it are the examples; without it those that began first. */
  weight?: string;
  /** Meanings of the segments (`close_segments.meaning`) that are to be shown of an example. */
  marks: readonly string[];
}

/** A subject, with what was counted of it. */
export interface CaseGroup {
  /** A column of `by`, or a measure. */
  text(name: string): string;
  number(name: string): number;
  isNull(name: string): boolean;
  count: number;
  sinceUs: number;
  untilUs: number;
  /** Ids of the flows that are its examples. */
  exampleIds: readonly number[];
  /** The evidence, with these numbers. */
  evidence(numbers: OptionalNumbers): Evidence;
}

/** Up to this many subjects of one rule are reported: those with most cases. More than that nobody reads. */
export const MAX_SUBJECTS = 1000;
const EXAMPLES = 3;
const MARKS_SHOWN = 6;

type Row = Record<string, Literal>;

/**
 * Counts the cases by subject: those that have most first.
 * @param among a condition on the rows that leaves out subjects which cannot be found; not shown
 */
export function groupCases(db: Database, cases: Cases, values: Literals, among = '1'): CaseGroup[] {
  const { sql, by, measures = {}, having = '1', weight = '-since_us' } = cases;
  const columns = [
    ...by,
    'count(*) AS count',
    'count(*) OVER () AS subjects',
    'min(since_us) AS since_us',
    'max(until_us) AS until_us',
    `example_flows(flow_id, coalesce(${weight}, 0)) AS examples`,
    ...Object.entries(measures).map(([name, aggregate]) => `${aggregate} AS ${name}`),
  ];
  // The LIMIT has each column computed once per row, not once for each aggregate that takes it.
  const all = `SELECT * FROM (${sql}) WHERE ${among} LIMIT -1`;
  const statement = `SELECT ${columns.join(', ')} FROM (${all}) GROUP BY ${by.join(', ')}
    HAVING ${having} ORDER BY count DESC, ${by.join(', ')} LIMIT ${MAX_SUBJECTS}`;
  const rows = db.prepare<[Literals], Row>(statement).all(values);
  const example = exampleReader(db, cases.marks, MARKS_SHOWN);
  return rows.map((row) => groupOf(cases, values, row, example));
}

function groupOf(
  { sql, by }: Cases,
  values: Literals,
  row: Row,
  example: (id: number) => ExampleFlow,
): CaseGroup {
  const number = (name: string) => Number(row[name]);
  const subjects = number('subjects');
  const exampleIds = JSON.parse(String(row.examples)) as number[];
  return {
    text: (name) => String(row[name] ?? ''),
    number,
    isNull: (name) => row[name] === null,
    count: number('count'),
    sinceUs: number('since_us'),
    untilUs: number('until_us'),
    exampleIds,
    evidence: (numbers) => ({
      numbers: knownNumbers(numbers),
      flows: exampleIds.map(example),
      sql: subjectSql(withLiterals(sql, values), by, row),
      ...(subjects > MAX_SUBJECTS && { subjects }),
    }),
  };
}

function subjectSql(sql: string, by: readonly string[], row: Row): string {
  const conditions = by.map((column) => {
    const value = row[column] ?? null;
    return value === null ? `${column} IS NULL` : `${column} = ${literal(value)}`;
  });
  const inner = sql.trim().replace(/^(?=.)/gm, '  ');
  return `SELECT * FROM (\n${inner}\n)\nWHERE ${conditions.join(' AND ')}\nORDER BY since_us, flow_id;`;
}

/** The flows with the greatest weights, as a JSON list: an aggregate function of this connection. */
export function registerExamples(db: Database): void {
  db.aggregate('example_flows', {
    // Pairs of a weight and a flow, the greatest weight first.
    start: (): number[] => [],
    varargs: true,
    step: (best: number[], ...[id = 0, weight = 0]: number[]) => {
      if (best.length === 2 * EXAMPLES && weight <= best.at(-2)!) return;
      let at = best.length;
      while (at > 0 && best[at - 2]! < weight) at -= 2;
      best.splice(at, 0, weight, id);
      if (best.length > 2 * EXAMPLES) best.length = 2 * EXAMPLES;
    },
    result: (best: number[]) => JSON.stringify(best.filter((_, i) => i % 2 === 1)),
    directOnly: true,
  });
}
