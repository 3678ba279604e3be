import type { Database } from 'better-sqlite3';
import { CLOSE_KINDS, ENDPOINTS, type Endpoint } from '../../../flow/words.ts';
import { type CaseGroup, type Cases, groupCases } from '../cases.ts';
import type { Literals } from '../literals.ts';
import {
  connectionsOf,
  PAIR,
  type Pair,
  pairName,
  SERVICE,
  type Service,
  serviceName,
  serviceOf,
} from './subjects.ts';

// What goes wrong now and then goes wrong everywhere: it is a finding where it is frequent, both as a
// number and as a share of what could have gone wrong.

/** A subject in which something is frequent. */
export interface Frequent {
  group: CaseGroup;
  /** `10.0.0.1 -> 10.0.0.2:80`, or `10.0.0.2:80` where it is no matter of one client. */
  subject: string;
  /** Of how many connections the cases are a part. */
  whole: number;
  percent: number;
}

/** What is frequent. */
export interface Measure {
  /** Cases at least. */
  several: number;
  /** Percent of the whole at least. */
  percent: number;
  /** A condition on flow_data: the whole; by the cases' side, where that makes a difference. */
  whole: string | Readonly<Record<Endpoint, string>>;
  /** A column of the cases that is client or server: each side counts for itself. */
  side?: string;
  /** The side of which services alone are told. */
  ofServices?: Endpoint;
}

/** Whether one client has all cases of a group, and which. */
const CLIENT = { client: 'min(client_ip)', is_of_one: 'min(client_ip) = max(client_ip)' };

/**
 * The pairs of a client and a service in which something is frequent; or the service alone, where no
 * client has half of its cases.
 * @param cases rows with `client_ip`, `server_ip` and `server_port`, and the side where there is one
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
    measures: { ...cases.measures, ...CLIENT },
    having: 'count >= :several',
  });
  const keyOf = (group: CaseGroup) => [...sides, ...SERVICE].map(group.text).join(' ');
  const services = groupCases(db, casesBy(SERVICE), { ...values, several });
  const byClient = services.filter((group) => side === undefined || group.text(side) !== ofServices);
  const isOfOne = (group: CaseGroup) => group.number('is_of_one') === 1;
  const shared = new Map(
    byClient.filter((group) => !isOfOne(group)).map((group) => [keyOf(group), group.count]),
  );
  const pairs = [
    ...byClient.filter(isOfOne),
    ...pairsOfOne(db, casesBy(PAIR), { ...values, several }, shared),
  ];
  const told = new Set(pairs.map(keyOf));
  const others = services.filter((group) => !told.has(keyOf(group)));
  const clientAndService = (group: CaseGroup) => ({ client_ip: group.text('client'), ...serviceOf(group) });
  return [
    ...sharesOf(db, pairs, clientAndService, measure),
    ...sharesOf(db, others, serviceOf, measure),
  ].filter((frequent) => frequent.percent >= percent);
}

/**
 * The pairs of those services of which one client has at least half. There are many pairs, so they are
 * counted first, without examples.
 * @param services cases of each, by their columns as one text
 */
function pairsOfOne(
  db: Database,
  cases: Cases,
  values: Literals,
  services: ReadonlyMap<string, number>,
): CaseGroup[] {
  if (services.size === 0) return [];
  const service = cases.by.filter((name) => name !== 'client_ip').join(" || ' ' || ");
  const ofOne = db
    .prepare<[Literals], { service: string; count: number }>(
      `SELECT service, max(count) AS count FROM (
         SELECT ${service} AS service, count(*) AS count FROM (${cases.sql}) GROUP BY ${cases.by.join(', ')}
       ) GROUP BY service`,
    )
    .all(values)
    .filter((most) => 2 * most.count >= (services.get(most.service) ?? Number.POSITIVE_INFINITY))
    .map((most) => most.service);
  if (ofOne.length === 0) return [];
  const among = `${service} IN (SELECT value FROM json_each(:services))`;
  return groupCases(db, cases, { ...values, services: JSON.stringify(ofOne) }, among);
}

/** Of how many connections the cases of each group are a part. */
function sharesOf(
  db: Database,
  groups: readonly CaseGroup[],
  subjectOf: (group: CaseGroup) => Service | Pair,
  { whole, side = '' }: Measure,
): Frequent[] {
  const conditionOf = (group: CaseGroup) =>
    typeof whole === 'string' ? whole : whole[group.text(side) as Endpoint];
  return [...new Set(groups.map(conditionOf))].flatMap((condition) => {
    const those = groups.filter((group) => conditionOf(group) === condition);
    const wholes = connectionsOf(db, those.map(subjectOf), condition);
    return those.map((group, i): Frequent => {
      const all = Math.max(wholes[i]!, group.count);
      const subject = subjectOf(group);
      const name = 'client_ip' in subject ? pairName(subject) : serviceName(subject);
      return { group, subject: name, whole: all, percent: (100 * group.count) / all };
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

/** The code of a close_kind, as flow_data has it. */
export function closeKind(kind: (typeof CLOSE_KINDS)[number]): number {
  return CLOSE_KINDS.indexOf(kind);
}

/** The same SELECT for the client, then for the server: `%` is the endpoint, `@` its peer. */
export function eachEnd(sql: string, between = '\nUNION ALL\n'): string {
  return ENDPOINTS.map((end, i) => sql.replaceAll('%', end).replaceAll('@', ENDPOINTS[1 - i]!)).join(between);
}
