import type { Database } from 'better-sqlite3';
import { OpenedTimes, openedTimes } from '../../family/openings/opened-times.ts';
import { closeKind } from '../../frame/codes.ts';
import type { Context } from '../../frame/rule.ts';
import { SERVICE_NUMBER, type Service, serviceKey, servicesOf } from '../../frame/subjects.ts';
import { HELD_BY_SERVER } from './server-time-waits.ts';

/** SYNs refused one after the other, with nothing opened between. */
export interface Refusals {
  count: number;
  sinceUs: number;
}

/** A condition on flow_data: of one of `:services`, SERVICE_NUMBERs. */
const OF_THOSE = `${SERVICE_NUMBER} IN (SELECT value FROM json_each(:services))`;

/**
 * Of each service the longest run of several refused SYNs that began while a TIME_WAIT of its own stood, and
 * ended no sooner than that; by serviceKey.
 * @param numbers of the services, as SERVICE_NUMBER has them
 */
export function refusedInTimeWait(
  db: Database,
  numbers: readonly number[],
  context: Context,
): Map<string, Refusals> {
  const several = context.thresholds['close-trouble-count'];
  const services = refusedInARow(db, numbers, several, context);
  if (services.length === 0) return new Map();
  const runs = db
    .prepare<[object], Refusals & Service>(
      `WITH attempts AS (
         SELECT server_address, server_port, first, close_kind = ${closeKind('refused')} AS is_refused,
           count(opened) OVER earlier AS opened,
           max(iif(${HELD_BY_SERVER}, first + server_time_wait + server_time_wait_expected, 0)) OVER earlier AS held_until,
           min(iif(opened IS NULL, NULL, first)) OVER later AS opened_again
         FROM flow_data WHERE ${OF_THOSE}
         WINDOW earlier AS (PARTITION BY server_address, server_port ORDER BY first),
           later AS (PARTITION BY server_address, server_port ORDER BY first
             ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
       )
       SELECT ip AS server_ip, server_port, count(*) AS count, min(first) AS sinceUs
       FROM attempts JOIN addresses ON id = server_address
       WHERE is_refused
       GROUP BY server_address, server_port, opened
       HAVING count(*) >= :several AND min(first) < max(held_until)
         AND coalesce(min(opened_again) >= max(held_until), 1)
       ORDER BY count`,
    )
    .all({ services: JSON.stringify(services), several });
  return new Map(runs.map(({ count, sinceUs, ...service }) => [serviceKey(service), { count, sinceUs }]));
}

/** A first look: those of the services of which several were refused, and none opened between. */
function refusedInARow(
  db: Database,
  numbers: readonly number[],
  several: number,
  { once }: Context,
): number[] {
  if (numbers.length === 0) return [];
  const times = new Map(numbers.map((number) => [number, [] as number[]]));
  const rows = db
    .prepare<[object], [service: number, first: number]>(
      `SELECT ${SERVICE_NUMBER}, first FROM flow_data
       WHERE close_kind = ${closeKind('refused')} AND ${OF_THOSE} ORDER BY first`,
    )
    .raw()
    .iterate({ services: JSON.stringify(numbers) });
  for (const [service, first] of rows) times.get(service)!.push(first);
  const services = servicesOf(db, numbers);
  return numbers.filter((number, i) => {
    const opened = once(openedTimes).get(serviceKey(services[i]!)) ?? new OpenedTimes();
    const refused = times.get(number)!;
    return refused.some((first, at) => {
      const last = refused[at + Math.ceil(several) - 1];
      return last !== undefined && opened.all(first + 1, last) === 0;
    });
  });
}
