import type { Database } from 'better-sqlite3';
import { CLOSE_KINDS } from '../../../flow/words.ts';
import { endName } from '../../flows/name.ts';
import { type CaseGroup, groupCases } from '../cases.ts';
import { ABORTS } from './abort-cases.ts';

// Aborts of an end as a share of its connections. Those of clients are told of the one client that has half
// of a service's, else of the service; those of servers always of the service.

/** Aborts of one subject. */
export interface AbortShare {
  group: CaseGroup;
  subject: string;
  /** Connections that they are a part of. */
  whole: number;
}

/** A client and a service. */
interface Pair {
  client_ip: string;
  server_ip: string;
  server_port: number;
}

const NOT_OPENED = (['refused', 'unanswered'] as const).map((kind) => CLOSE_KINDS.indexOf(kind)).join(', ');

/** The subjects that have at least `several`. */
export function abortShares(db: Database, several: number): AbortShare[] {
  const groups = groupCases(db, ABORTS, { several });
  if (groups.length === 0) return [];
  const isClients = (group: CaseGroup) => group.text('reset_by') === 'client';
  const heavy = heavyClients(
    db,
    groups.filter((group) => isClients(group) && group.number('clients') > 1),
    several,
  );
  const pairs = heavy.length === 0 ? [] : groupPairs(db, heavy, several);
  const services = groups.filter((group) => !isClients(group) || !heavy.some((pair) => isOf(pair, group)));
  const wholes = connections(db, groups, pairs.length > 0);
  const whole = (group: CaseGroup, client: string) =>
    Math.max(group.count, wholes.get(`${client} ${serviceOf(group)}`) ?? 0);
  return [
    ...pairs.map((group) => ({
      group,
      subject: pairName(group),
      whole: whole(group, group.text('client_ip')),
    })),
    ...services.map((group) => ({
      group,
      subject: isClients(group) && group.number('clients') === 1 ? pairName(group) : serviceName(group),
      whole: whole(group, ''),
    })),
  ];
}

/** Clients that have at least half of a service's aborts. */
function heavyClients(db: Database, groups: readonly CaseGroup[], several: number): Pair[] {
  if (groups.length === 0) return [];
  return db
    .prepare<[{ several: number }], Pair & { aborts: number }>(
      `SELECT client_ip, server_ip, server_port, count(*) AS aborts FROM (${ABORTS.sql})
       WHERE reset_by = 'client' GROUP BY client_ip, server_ip, server_port HAVING aborts >= :several`,
    )
    .all({ several })
    .filter((pair) => groups.some((group) => isOf(pair, group) && 2 * pair.aborts >= group.count));
}

function groupPairs(db: Database, pairs: readonly Pair[], several: number): CaseGroup[] {
  const names = pairs.map((pair) => `${pair.client_ip} ${pair.server_ip} ${pair.server_port}`);
  return groupCases(
    db,
    { ...ABORTS, by: ['reset_by', 'client_ip', 'server_ip', 'server_port'] },
    { several, pairs: JSON.stringify(names) },
    `reset_by = 'client'
     AND client_ip || ' ' || server_ip || ' ' || server_port IN (SELECT value FROM json_each(:pairs))`,
  );
}

/** Connections that were opened: of each service (after a space), and where asked of each client with it. */
function connections(db: Database, groups: readonly CaseGroup[], byClient: boolean): Map<string, number> {
  const client = byClient ? 'client_address' : 'NULL';
  const rows = db
    .prepare<[string], { client: string | null; service: string; whole: number }>(
      `SELECT c.ip AS client, s.ip || ' ' || server_port AS service, whole FROM (
         SELECT ${client} AS client_address, server_address, server_port, count(*) AS whole FROM flow_data
         WHERE server_address IN (SELECT id FROM addresses WHERE ip IN (SELECT value FROM json_each(?)))
           AND close_kind NOT IN (${NOT_OPENED})
         GROUP BY server_address, server_port, ${client}
       ) LEFT JOIN addresses AS c ON c.id = client_address JOIN addresses AS s ON s.id = server_address`,
    )
    .all(JSON.stringify([...new Set(groups.map((group) => group.text('server_ip')))]));
  const wholes = new Map<string, number>();
  for (const { client: ip, service, whole } of rows) {
    if (ip !== null) wholes.set(`${ip} ${service}`, whole);
    wholes.set(` ${service}`, (wholes.get(` ${service}`) ?? 0) + whole);
  }
  return wholes;
}

function isOf(pair: Pair, group: CaseGroup): boolean {
  return `${pair.server_ip} ${pair.server_port}` === serviceOf(group);
}

function serviceOf(group: CaseGroup): string {
  return `${group.text('server_ip')} ${group.text('server_port')}`;
}

function serviceName(group: CaseGroup): string {
  return endName(group.text('server_ip'), group.number('server_port'));
}

function pairName(group: CaseGroup): string {
  return `${group.text('client')} -> ${serviceName(group)}`;
}
