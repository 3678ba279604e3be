import type { Database } from 'better-sqlite3';
import { indexOfFirst } from '../../../sorted.ts';
import { closeKind } from '../../frame/codes.ts';
import { tallyServices } from '../../frame/connections.ts';
import type { Context } from '../../frame/rule.ts';
import { SERVICE_NUMBER, serviceKey, servicesOf } from '../../frame/subjects.ts';
import { parametersOf } from '../../frame/thresholds.ts';
import { REQUEST_AGAIN, SLOW_STORED } from './openings.ts';

// When services with trouble did open connections: what the rules on openings judge by.

/** How a connection was opened: at once (all went well, it lost something later, its first request was ignored) or late. */
const KINDS = { well: 0, lossy: 1, ignored: 2, late: 3 } as const;
type Kind = keyof typeof KINDS;
const KIND = `CASE WHEN opened >= 1e6 * :late_opening THEN ${KINDS.late}
    WHEN ${REQUEST_AGAIN} THEN ${KINDS.ignored}
    WHEN client_retransmissions + server_retransmissions > 0 THEN ${KINDS.lossy} ELSE ${KINDS.well} END`;

const AT_ONCE: readonly Kind[] = ['well', 'lossy', 'ignored'];
/** Before and after a moment: a SYN that is dropped is sent again after a second. */
const ABOUT_US = 2_000_000;

/** When the connections of a service that were opened began. Times are microseconds since the epoch. */
export class OpenedTimes {
  readonly #times: readonly Float64Array[];

  /** @param times by KINDS, in any order */
  constructor(times: readonly (readonly number[])[] = []) {
    this.#times = times.map((some) => Float64Array.from(some).sort());
  }

  /** How many were opened at once. */
  atOnce(sinceUs: number, untilUs: number): number {
    return this.#count(AT_ONCE, sinceUs, untilUs);
  }

  /** How many were opened. */
  all(sinceUs: number, untilUs: number): number {
    return this.#count([...AT_ONCE, 'late'], sinceUs, untilUs);
  }

  /** How many were opened without trouble about a moment, and how many of these lost something later. */
  near(atUs: number): { opened: number; lossy: number } {
    const about = [atUs - ABOUT_US, atUs + ABOUT_US] as const;
    return { opened: this.#count(['well', 'lossy'], ...about), lossy: this.#count(['lossy'], ...about) };
  }

  #count(kinds: readonly Kind[], sinceUs: number, untilUs: number): number {
    return kinds
      .map((kind) => this.#times[KINDS[kind]] ?? new Float64Array())
      .reduce(
        (sum, times) => sum + Math.max(0, indexOfFirst(times, untilUs + 1) - indexOfFirst(times, sinceUs)),
        0,
      );
  }
}

/** The times of the services that have several connections with trouble at opening, by serviceKey. */
export function openedTimes(db: Database, { thresholds }: Context): Map<string, OpenedTimes> {
  const values = parametersOf(thresholds);
  const several = Math.min(thresholds['opening-count'], thresholds['close-trouble-count']);
  const [troubled] = tallyServices(db, [`close_kind = ${closeKind('refused')} OR ${SLOW_STORED}`], values);
  const numbers = [...troubled!].filter(([, n]) => n >= several).map(([number]) => number);
  const times = new Map(numbers.map((number) => [number, Object.values(KINDS).map((): number[] => [])]));
  db.aggregate('collect_times', {
    start: null,
    varargs: true,
    step: (_: null, ...[service, first, kind]: (number | null)[]) => {
      times.get(service!)![kind!]!.push(first!);
    },
    directOnly: true,
  });
  db.prepare(
    `SELECT collect_times(${SERVICE_NUMBER}, first, ${KIND}) FROM flow_data
     WHERE opened IS NOT NULL AND ${SERVICE_NUMBER} IN (SELECT value FROM json_each(:services))`,
  ).get({ ...values, services: JSON.stringify(numbers) });
  const services = servicesOf(db, numbers);
  return new Map(numbers.map((number, i) => [serviceKey(services[i]!), new OpenedTimes(times.get(number))]));
}
