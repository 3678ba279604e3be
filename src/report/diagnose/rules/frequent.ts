import type { Database } from 'better-sqlite3';
import { CLOSE_KINDS, ENDPOINTS, type Endpoint } from '../../../flow/words.ts';
import { endName } from '../../flows/name.ts';
import { type CaseGroup, type Cases, groupCases } from '../cases.ts';
import type { Literals } from '../literals.ts';

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
  /** A condition on flow_data: the whole; by `endpoint`, where the cases have that column. */
  whole: string | Readonly<Record<Endpoint, string>>;
}

const SERVICE = ['server_ip', 'server_port'];
const PAIR = ['client_ip', ...SERVICE];

/**
 * The pairs of a client and a service in which something is frequent; or the service alone, where no
 * client has half of its cases.
 * @param cases rows with `client_ip`, `server_ip` and `server_port`, and `endpoint` where the whole goes by it
 */
export function frequentPairs(
  db: Database,
  cases: Omit<Cases, 'by'>,
  values: Literals,
  measure: Measure,
): Frequent[] {
  const also = typeof measure.whole === 'string' ? [] : ['endpoint'];
  const having = `count >= ${measure.several}`;
  const grouped = (by: readonly string[]) =>
    groupCases(db, { ...cases, by: [...also, ...by], having }, values);
  const services = grouped(SERVICE);
  if (services.length === 0) return [];
  const wholes = readWholes(db, services, measure.whole);
  const frequent = (group: CaseGroup, by: readonly string[]): Frequent => {
    const whole = wholes.get(keyOf(group, also, by)) ?? group.count;
    const service = endName(group.text('server_ip'), group.number('server_port'));
    const subject = by === PAIR ? `${group.text('client_ip')} -> ${service}` : service;
    return { group, subject, whole, percent: (100 * group.count) / Math.max(whole, group.count) };
  };
  const isEnough = ({ percent }: Frequent) => percent >= measure.percent;
  const pairs = grouped(PAIR);
  const ofOneClient = new Set(
    services
      .filter((service) =>
        pairs.some(
          (pair) =>
            keyOf(pair, also, SERVICE) === keyOf(service, also, SERVICE) && 2 * pair.count >= service.count,
        ),
      )
      .map((service) => keyOf(service, also, SERVICE)),
  );
  const isOfOneClient = (group: CaseGroup) => ofOneClient.has(keyOf(group, also, SERVICE));
  return [
    ...pairs.filter(isOfOneClient).map((group) => frequent(group, PAIR)),
    ...services.filter((group) => !isOfOneClient(group)).map((group) => frequent(group, SERVICE)),
  ].filter(isEnough);
}

function keyOf(group: CaseGroup, also: readonly string[], by: readonly string[]): string {
  return [...also, ...by].map(group.text).join(' ');
}

/** How many connections make the whole, of each pair and each service. */
function readWholes(
  db: Database,
  services: readonly CaseGroup[],
  whole: Measure['whole'],
): Map<string, number> {
  const conditions = typeof whole === 'string' ? { '': whole } : whole;
  const wholes = new Map<string, number>();
  const ips = JSON.stringify([...new Set(services.map((group) => group.text('server_ip')))]);
  for (const [endpoint, condition] of Object.entries(conditions)) {
    const rows = db
      .prepare<[string], { client: string; service: string; whole: number }>(
        `SELECT c.ip AS client, s.ip || ' ' || server_port AS service, whole FROM (
           SELECT client_address, server_address, server_port, count(*) AS whole FROM flow_data
           WHERE server_address IN (SELECT id FROM addresses WHERE ip IN (SELECT value FROM json_each(?)))
             AND (${condition})
           GROUP BY client_address, server_address, server_port
         ) JOIN addresses AS c ON c.id = client_address JOIN addresses AS s ON s.id = server_address`,
      )
      .all(ips);
    const prefix = endpoint === '' ? '' : `${endpoint} `;
    for (const row of rows) {
      wholes.set(`${prefix}${row.client} ${row.service}`, row.whole);
      const service = `${prefix}${row.service}`;
      wholes.set(service, (wholes.get(service) ?? 0) + row.whole);
    }
  }
  return wholes;
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
