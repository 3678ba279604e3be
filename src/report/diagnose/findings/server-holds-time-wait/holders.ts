import type { Database } from 'better-sqlite3';
import type { Tally } from '../../frame/aggregates/tally.ts';
import { closeKind } from '../../frame/codes.ts';
import { tallyServices } from '../../frame/connections.ts';
import { CLOSED } from '../../frame/frequent.ts';
import type { Context } from '../../frame/rule.ts';
import { type Service, serviceKey, servicesOf } from '../../frame/subjects.ts';
import { type Refusals, refusedInTimeWait } from './refusals.ts';
import { HELD_BY_SERVER } from './server-time-waits.ts';

/** A service that closes first. */
export interface TimeWaitService extends Service {
  /** Connections of it with a FIN. */
  closed: number;
  /**
   * The longest run of several SYNs refused in a row while a TIME_WAIT of its own stood. None if it listened
   * again while that still stood: it did bind.
   */
  refusals: Refusals | undefined;
}

/**
 * Services that were left in TIME_WAIT by at least time-wait-closes of their connections and by half of those with a
 * FIN; or whose SYNs were refused during such a TIME_WAIT.
 */
export function servicesHoldingTimeWaits(db: Database, context: Context): TimeWaitService[] {
  const closes = context.thresholds['time-wait-closes'];
  const several = context.thresholds['close-trouble-count'];
  const conditions = [HELD_BY_SERVER, CLOSED, `close_kind = ${closeKind('refused')}`];
  const [held, closed, refused] = tallyServices(db, conditions) as [Tally, Tally, Tally];
  const isRefused = (number: number) => (refused.get(number) ?? 0) >= several;
  const numbers = [...held.keys()].filter((number) => held.get(number)! >= closes || isRefused(number));
  const services = servicesOf(db, numbers);
  const runs = refusedInTimeWait(db, numbers.filter(isRefused), context);
  return services
    .map((service, i) => ({
      ...service,
      closed: closed.get(numbers[i]!) ?? 0,
      refusals: runs.get(serviceKey(service)),
    }))
    .filter(({ closed: all, refusals }, i) => {
      const n = held.get(numbers[i]!)!;
      return refusals !== undefined || (n >= closes && 2 * n >= all);
    });
}
