import type { Database } from 'better-sqlite3';
import { connectionsOf, connectionsOfPairs } from '../../frame/connections.ts';
import type { Context } from '../../frame/rule.ts';
import { OF_SERVICES, type Pair, serviceKey, serviceList } from '../../frame/subjects.ts';
import { isByTimestamps } from './backward-timestamps.ts';
import { notOfScanners, openingValues, UNANSWERED } from './openings.ts';
import { type Meanwhile, meanwhileOf } from './stopped-services.ts';
import { type TroubledService, troubledServices } from './troubled-services.ts';

// A service whose SYNs get no answer belongs to exactly one rule: it is overrun if it opens others at the time,
// filtered if one client alone gets no answer, and else gone, or never was there.

/** What SYNs without an answer, or with a late one, come to. */
export interface OpeningCauses {
  /** Addresses of which nothing at all was captured. */
  dead: string[];
  /** Services that never answered, at addresses that do. */
  dropped: TroubledService[];
  /** Services that answered before or later, but no SYN in between. */
  stopped: TroubledService[];
  /** The same, while the host's other ports opened connections. */
  shut: (TroubledService & Meanwhile)[];
  /** The same, while several connections to the service stood open, as where a limit is reached. */
  limited: (TroubledService & Meanwhile)[];
  /** Clients that a service never answers, though it answers others. */
  filtered: Pair[];
  /** Services that opened others at the time. */
  overrun: TroubledService[];
}

/** Distinguishes the services with SYNs unanswered, or answered late. */
export function openingCauses(db: Database, context: Context): OpeningCauses {
  const several = context.thresholds['opening-count'];
  const slow = context.once(troubledServices).filter((service) => service.slow > 0);
  const silent = isOneWay(db) ? [] : neverAnswering(db, slow);
  const alive = addressesAlive(db, silent);
  const isTold = silent.length > 0 && areSynsAll(db) ? isRepeated : () => true;
  const untold = new Set(silent.filter((service) => !isTold(service)).map(({ server_ip }) => server_ip));
  const dead = silent.filter(({ server_ip }) => !alive.has(server_ip) && !untold.has(server_ip));
  const often = slow.filter(({ opened, slow: n }) => opened > 0 && n >= several);
  const ended = meanwhileOf(db, often.filter(isStopped));
  const isLimited = (service: Meanwhile) =>
    isAlive(service) && service.served >= several && service.served >= 0.9 * service.standing;
  const others = often.filter((service) => !isStopped(service) && !isByTimestamps(service, context));
  const filtered = filteredPairs(db, others, context);
  const filteredServices = new Set(filtered.map(serviceKey));
  return {
    dead: [...new Set(dead.map(({ server_ip }) => server_ip))].filter(
      (ip) => sum(dead.filter(({ server_ip }) => server_ip === ip)) >= several,
    ),
    dropped: silent.filter(({ server_ip, unanswered }) => alive.has(server_ip) && unanswered >= several),
    stopped: ended.filter((service) => !isAlive(service)),
    shut: ended.filter((service) => isAlive(service) && !isLimited(service)),
    limited: ended.filter(isLimited),
    filtered,
    overrun: others.filter((service) => !filteredServices.has(serviceKey(service))),
  };
}

function isAlive({ active, elsewhere }: Meanwhile): boolean {
  return active + elsewhere > 0;
}

function isRepeated({ unanswered, repeated }: TroubledService): boolean {
  return repeated >= 0.9 * unanswered;
}

function isStopped({ beside_slow, slow, unanswered }: TroubledService): boolean {
  return beside_slow === 0 && slow === unanswered;
}

function sum(services: readonly TroubledService[]): number {
  return services.reduce((all, { unanswered }) => all + unanswered, 0);
}

/** Whether one direction alone was captured: then answers may have been there. */
function isOneWay(db: Database): boolean {
  return db.prepare('SELECT 1 FROM captures WHERE directions = 1').get() !== undefined;
}

/** Whether SYNs are all that was captured: then the same, unless each was sent again and again. */
function areSynsAll(db: Database): boolean {
  return db.prepare('SELECT 1 FROM flow_data WHERE server_segments > 0 LIMIT 1').get() === undefined;
}

/** The services of which no segment answered any SYN, also where the rest of the handshake was not captured. */
function neverAnswering(db: Database, services: readonly TroubledService[]): TroubledService[] {
  const silent = services.filter(({ opened, slow, unanswered }) => opened === 0 && slow === unanswered);
  const answers = connectionsOf(db, silent, 'server_segments > 0');
  return silent.filter((_, i) => answers[i] === 0);
}

/** Those of the services' addresses of which at least one segment was captured. */
function addressesAlive(db: Database, services: readonly TroubledService[]): Set<string> {
  if (services.length === 0) return new Set();
  const ids = `(SELECT id FROM addresses WHERE ip IN (SELECT value FROM json_each(:ips)))`;
  const ips = db
    .prepare<[object], string>(
      `SELECT ip FROM addresses WHERE id IN (
         SELECT server_address FROM flow_data WHERE server_segments > 0 AND server_address IN ${ids}
         UNION SELECT client_address FROM flow_data WHERE client_segments > 0 AND client_address IN ${ids})`,
    )
    .pluck()
    .all({ ips: JSON.stringify(services.map(({ server_ip }) => server_ip)) });
  return new Set(ips);
}

/**
 * Clients that get no answer at all of a service; of those services only whose other clients have none
 * of that, and none for its timestamps.
 */
function filteredPairs(db: Database, services: readonly TroubledService[], context: Context): Pair[] {
  const several = context.thresholds['opening-count'];
  const often = services.filter(({ unanswered }) => unanswered >= several);
  if (often.length === 0) return [];
  const pairs = db
    .prepare<[object], Pair & { unanswered: number }>(
      `SELECT client_ip, server_ip, server_port, count(*) AS unanswered FROM flows
       WHERE ${UNANSWERED}${notOfScanners(context)}
         AND ${OF_SERVICES}
       GROUP BY client_ip, server_ip, server_port HAVING unanswered >= :several`,
    )
    .all({ ...openingValues(context), services: serviceList(often), several });
  const opened = connectionsOfPairs(db, pairs, 'opened IS NOT NULL');
  const never = pairs.filter((_, i) => opened[i] === 0);
  const unanswered = new Map<string, number>();
  for (const pair of never) {
    unanswered.set(serviceKey(pair), (unanswered.get(serviceKey(pair)) ?? 0) + pair.unanswered);
  }
  const isAlone = (service: TroubledService) =>
    service.slow - (unanswered.get(serviceKey(service)) ?? 0) < several;
  const alone = new Set(often.filter(isAlone).map(serviceKey));
  return never.filter((pair) => alone.has(serviceKey(pair)));
}
