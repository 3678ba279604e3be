import type { Database } from 'better-sqlite3';
import type { Context } from '../rule.ts';
import { notOfScanners, openingValues, SLOW } from './openings.ts';

// The services with connections that were refused, not answered or answered late, and what they opened
// meanwhile: which rule's affair they are is told by both.

const troubled = (rest: string) => `SELECT server_ip, server_port,
    count(*) FILTER (WHERE close_kind = 'unanswered') AS unanswered,
    count(*) FILTER (WHERE close_kind = 'refused') AS refused,
    count(*) FILTER (WHERE close_kind <> 'refused') AS slow,
    min(first_us) FILTER (WHERE close_kind <> 'refused') AS slow_since,
    max(first_us) FILTER (WHERE close_kind <> 'refused') AS slow_until,
    min(first_us) FILTER (WHERE close_kind = 'refused') AS refused_since,
    max(first_us) FILTER (WHERE close_kind = 'refused') AS refused_until
  FROM flows
  WHERE (close_kind = 'refused' OR ${SLOW})${rest}
  GROUP BY server_ip, server_port`;

/** Connections that were opened at once, against the times of trouble. By numbers, which is faster. */
const OPENED = `WITH troubled AS MATERIALIZED (
    SELECT key AS service, (SELECT id FROM addresses WHERE ip = value ->> 'server_ip') AS server_address,
      value ->> 'server_port' AS server_port,
      value ->> 'slow_since' AS slow_since, value ->> 'slow_until' AS slow_until,
      value ->> 'refused_since' AS refused_since, value ->> 'refused_until' AS refused_until
    FROM json_each(:services)
  ), counted AS (
    SELECT service, times, count(*) AS n FROM (
      SELECT t.service, coalesce(first BETWEEN slow_since AND slow_until, 0)
        + coalesce(CASE WHEN first < refused_since THEN 2 WHEN first <= refused_until THEN 4
          WHEN first > refused_until THEN 8 END, 0) AS times
      FROM flow_data AS f
      CROSS JOIN troubled AS t ON t.server_address = f.server_address AND t.server_port = f.server_port
      WHERE f.opened < :late_us
    ) GROUP BY service, times
  )
  SELECT service, sum(n) AS opened, coalesce(sum(n) FILTER (WHERE times & 1), 0) AS beside_slow,
    coalesce(sum(n) FILTER (WHERE times & 2), 0) AS before_refused,
    coalesce(sum(n) FILTER (WHERE times & 4), 0) AS beside_refused,
    coalesce(sum(n) FILTER (WHERE times & 8), 0) AS after_refused
  FROM counted GROUP BY service`;

/** Trouble of a service. Scans do not count. */
interface Trouble {
  server_ip: string;
  server_port: number;
  unanswered: number;
  refused: number;
  /** Unanswered, or opened late. */
  slow: number;
}

/** Connections of a service that were opened at once, and not late. */
interface Opened {
  opened: number;
  /** Begun between the first slow one and the last. */
  beside_slow: number;
  before_refused: number;
  beside_refused: number;
  after_refused: number;
}

/**
 * A service, some of whose connections were refused, not answered or answered late; what it opened is
 * known where these are several.
 */
export type TroubledService = Trouble & Opened;

const NONE: Opened = { opened: 0, beside_slow: 0, before_refused: 0, beside_refused: 0, after_refused: 0 };

/** The services with trouble at opening. */
export function troubledServices(db: Database, context: Context): TroubledService[] {
  const values = openingValues(context);
  const services = db.prepare<[object], Trouble>(troubled(notOfScanners(context))).all(values);
  const several = services.filter(
    ({ slow, refused }) => Math.max(slow, refused) >= context.thresholds['opening-count'],
  );
  const opened = new Map<Trouble, Opened>();
  if (several.length > 0) {
    const rows = db
      .prepare<[object], Opened & { service: number }>(OPENED)
      .all({ late_us: values.late_us, services: JSON.stringify(several) });
    for (const row of rows) opened.set(several[row.service]!, row);
  }
  return services.map((service) => ({ ...service, ...(opened.get(service) ?? NONE) }));
}
