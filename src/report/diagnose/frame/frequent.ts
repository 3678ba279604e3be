import type { Database } from 'better-sqlite3';
import { ENDPOINTS, type Endpoint } from '../../../flow/format/words.ts';
import type { Commonest } from './aggregates/commonest.ts';
import { type CaseGroup, type Cases, groupCases } from './cases.ts';
import { connectionsOf, connectionsOfPairs } from './connections.ts';
import type { Literals } from './literals.ts';
import type { Numbers } from './numbers.ts';
import { PAIR, pairName, SERVICE, serviceName, serviceOf } from './subjects.ts';
import type { Thresholds } from './thresholds.ts';

// Some closes and openings go wrong everywhere: it is a finding if they are frequent, both as a number and as a
// share of what could have gone wrong.

/** A subject in which something is frequent. */
export interface Frequent {
  group: CaseGroup;
  /** `10.0.0.1 -> 10.0.0.2:80`, or `10.0.0.2:80` if no one client has most cases. */
  subject: string;
  /** Of how many connections the cases are a part. */
  whole: number;
  percent: number;
}

/** The numbers that every finding on something frequent has. */
export function shareNumbers({ whole, percent }: Frequent): Numbers {
  return { of: whole, share_percent: percent };
}

/** What is frequent. */
export interface Measure {
  /** Cases at least. */
  several: number;
  /** Percent of the whole at least. */
  percent: number;
  /** A condition on flow_data: the whole; by the cases' side, if that makes a difference. */
  whole: string | Readonly<Record<Endpoint, string>>;
  /** A column of the cases that is client or server: each side counts for itself. */
  side?: string;
  /** The side whose cases are reported by service only. */
  ofServices?: Endpoint;
}

/**
 * The pairs of a client and a service in which something is frequent; or the service alone, if no client
 * has half of its cases.
 * @param cases rows with `client_ip`, `server_ip` and `server_port`, and the side if there is one
 */
export function frequentPairs(
  db: Database,
  cases: Omit<Cases, 'by'>,
  values: Literals,
  measure: Measure,
): Frequent[] {
  const { several, percent, side, ofServices } = measure;
  const sides = side === undefined ? [] : [side];
  const casesBy = (by: readonly string[]): Cases => ({
    ...cases,
    by: [...sides, ...by],
    measures: { ...cases.measures, client: 'commonest(client_ip)' },
    having: 'count >= :several',
  });
  const grouped = (by: readonly string[], also: Literals = {}, among?: string) =>
    groupCases(db, casesBy(by), { ...values, several, ...also }, among);
  const keyOf = (group: CaseGroup) => [...sides, ...SERVICE].map(group.text).join(' ');
  const services = grouped(SERVICE);
  const byClient = services.filter((group) => side === undefined || group.text(side) !== ofServices);
  const ofOne = byClient.filter((group) => clientOf(group).count === group.count);
  const ofMost = byClient.filter(
    (group) => 2 * clientOf(group).count >= group.count && !ofOne.includes(group),
  );
  const among = `${[...sides, ...SERVICE].join(" || ' ' || ")} IN (SELECT value FROM json_each(:services))`;
  const pairs = [
    ...ofOne,
    ...(ofMost.length === 0 ? [] : grouped(PAIR, { services: JSON.stringify(ofMost.map(keyOf)) }, among)),
  ];
  const told = new Set(pairs.map(keyOf));
  const others = services.filter((group) => !told.has(keyOf(group)));
  const pair = (group: CaseGroup) => ({ client_ip: clientOf(group).value, ...serviceOf(group) });
  return [
    ...sharesOf(pairs, measure, pairName, pair, (some, condition) => connectionsOfPairs(db, some, condition)),
    ...sharesOf(others, measure, serviceName, serviceOf, (some, condition) =>
      connectionsOf(db, some, condition),
    ),
  ].filter((frequent) => frequent.percent >= percent);
}

/** The client that has most cases of a group. */
function clientOf(group: CaseGroup): Commonest {
  return JSON.parse(group.text('client')) as Commonest;
}

/** Of how many connections the cases of each group are a part. */
function sharesOf<T>(
  groups: readonly CaseGroup[],
  { whole, side = '' }: Measure,
  nameOf: (subject: T) => string,
  subjectOf: (group: CaseGroup) => T,
  connections: (subjects: readonly T[], condition: string) => number[],
): Frequent[] {
  const conditionOf = (group: CaseGroup) =>
    typeof whole === 'string' ? whole : whole[group.text(side) as Endpoint];
  return [...new Set(groups.map(conditionOf))].flatMap((condition) => {
    const those = groups.filter((group) => conditionOf(group) === condition);
    const subjects = those.map(subjectOf);
    const wholes = connections(subjects, condition);
    return those.map((group, i): Frequent => {
      const all = Math.max(wholes[i]!, group.count);
      return { group, subject: nameOf(subjects[i]!), whole: all, percent: (100 * group.count) / all };
    });
  });
}

/** Whether several flows meet a condition on flow_data: a first look, several times as fast as the cases themselves. */
export function areSeveral(db: Database, condition: string, several: number): boolean {
  return (
    db.prepare<[], number>(`SELECT count(*) FROM flow_data WHERE ${condition}`).pluck().get()! >= several
  );
}

/** Connections with a FIN: the whole of what can go wrong at a close. A condition on flow_data. */
export const CLOSED = 'client_fins + server_fins > 0';

/** The same SELECT for the client, then for the server: `%` is the endpoint, `@` its peer. */
export function eachEnd(sql: string, between = '\nUNION ALL\n'): string {
  return ENDPOINTS.map((end, i) => sql.replaceAll('%', end).replaceAll('@', ENDPOINTS[1 - i]!)).join(between);
}

/** Those that frequentLosses() uses. */
export const LOSS_THRESHOLDS = ['close-trouble-count', 'close-loss-share'] as const;

/** The pairs, or services, in which segments of the close are lost often, of all connections with a FIN. */
export function frequentLosses(db: Database, cases: Omit<Cases, 'by'>, thresholds: Thresholds): Frequent[] {
  const { 'close-trouble-count': several, 'close-loss-share': percent } = thresholds;
  return frequentPairs(db, cases, {}, { several, percent, whole: CLOSED });
}

/** A part of the cases of frequentLosses() would be one by itself. */
export function areFrequent(some: number, { whole }: Frequent, thresholds: Thresholds): boolean {
  return some >= thresholds['close-trouble-count'] && 100 * some >= thresholds['close-loss-share'] * whole;
}
