import type { Database } from 'better-sqlite3';
import { endName } from '../../name.ts';
import type { CaseGroup } from './cases.ts';

// Whom a finding is about: a service, or a client and a service.

/** Where a service listens. */
export interface Service {
  server_ip: string;
  server_port: number;
}

/** A client of a service. */
export interface Pair extends Service {
  client_ip: string;
}

/** The columns that name them, and an endpoint of a service. */
export const SERVICE = ['server_ip', 'server_port'] as const;
export const PAIR = ['client_ip', ...SERVICE] as const;
export const ENDPOINT = ['endpoint', 'ip', ...SERVICE] as const;

/** Measures of a service's clients. */
export const CLIENTS = { clients: 'count(DISTINCT client_ip)', client: 'max(client_ip)' } as const;

/** A service of a row as one text; serviceKey() is the same. */
export const SERVICE_KEY = "server_ip || ' ' || server_port";
/** The same of flow_data as one number. */
export const SERVICE_NUMBER = 'server_address * 65536 + server_port';

/** The services of SERVICE_NUMBERs, in their order. */
export function servicesOf(db: Database, numbers: readonly number[]): Service[] {
  const ip = db.prepare<[number], string>('SELECT ip FROM addresses WHERE id = ?').pluck();
  return numbers.map((number) => ({
    server_ip: ip.get(Math.floor(number / 65_536))!,
    server_port: number % 65_536,
  }));
}

/** A condition: the row's service is one of `:services`, a JSON list of keys. */
export const OF_SERVICES = `${SERVICE_KEY} IN (SELECT value FROM json_each(:services))`;

/** A service as one text, as SERVICE_KEY has it. */
export function serviceKey({ server_ip, server_port }: Service): string {
  return `${server_ip} ${server_port}`;
}

/** `client_ip server_ip server_port` */
export function pairKey(pair: Pair): string {
  return `${pair.client_ip} ${serviceKey(pair)}`;
}

/** The value for `:services`. */
export function serviceList(services: readonly Service[]): string {
  return JSON.stringify(services.map(serviceKey));
}

/** The service of a group whose `by` has SERVICE. */
export function serviceOf(group: CaseGroup): Service {
  return { server_ip: group.text('server_ip'), server_port: group.number('server_port') };
}

/** The pair of a group whose `by` has PAIR. */
export function pairOf(group: CaseGroup): Pair {
  return { client_ip: group.text('client_ip'), ...serviceOf(group) };
}

/** `10.0.0.2:80` */
export function serviceName({ server_ip, server_port }: Service): string {
  return endName(server_ip, server_port);
}

/** `10.0.0.1 -> 10.0.0.2:80` */
export function pairName(pair: Pair): string {
  return `${pair.client_ip} -> ${serviceName(pair)}`;
}

/** The subject of a group by SERVICE. */
export function serviceSubject(group: CaseGroup): string {
  return serviceName(serviceOf(group));
}

/** The subject of a group by PAIR. */
export function pairSubject(group: CaseGroup): string {
  return pairName(pairOf(group));
}

/** The subject of a group by ENDPOINT: the service, or, if the endpoint is a client of it, the pair. */
export function endpointSubject(group: CaseGroup): string {
  const service = serviceOf(group);
  const isServer = group.text('endpoint') === 'server';
  return isServer ? serviceName(service) : pairName({ client_ip: group.text('ip'), ...service });
}

/** The subject of a group by SERVICE with CLIENTS: the pair if there is one client only, else the service. */
export function clientsSubject(group: CaseGroup): string {
  const service = serviceOf(group);
  const isOne = group.number('clients') === 1;
  return isOne ? pairName({ client_ip: group.text('client'), ...service }) : serviceName(service);
}
