import type { Database } from 'better-sqlite3';
import { tallyServices } from '../../frame/connections.ts';
import type { Context } from '../../frame/rule.ts';
import { serviceKey, servicesOf } from '../../frame/subjects.ts';
import { parametersOf } from '../../frame/thresholds.ts';
import { LATE_STORED } from './late-openings.ts';

/** How many connections to each service opened late, by serviceKey; services without are left out. */
export function lateByService(db: Database, { thresholds }: Context): Map<string, number> {
  const [late] = tallyServices(db, [LATE_STORED], parametersOf(thresholds));
  const numbers = [...late!.keys()];
  const services = servicesOf(db, numbers);
  return new Map(numbers.map((number, i) => [serviceKey(services[i]!), late!.get(number)!]));
}
