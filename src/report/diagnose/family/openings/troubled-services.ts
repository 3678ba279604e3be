import type { Database } from 'better-sqlite3';
import type { Context } from '../../frame/rule.ts';
import { type Service, serviceKey } from '../../frame/subjects.ts';
import { OpenedTimes, openedTimes } from './opened-times.ts';
import { notOfScanners, openingValues, SLOW } from './openings.ts';

// The services with connections that were refused, not answered or answered late, and what they opened
// at the time: by both each belongs to exactly one rule.

const troubled = (rest: string) => `SELECT server_ip, server_port,
    count(*) FILTER (WHERE close_kind = 'unanswered') AS unanswered,
    count(*) FILTER (WHERE close_kind = 'unanswered' AND client_segments > 2) AS repeated,
    count(*) FILTER (WHERE close_kind = 'refused') AS refused,
    count(*) FILTER (WHERE close_kind <> 'refused') AS slow,
    min(first_us) FILTER (WHERE close_kind <> 'refused') AS slow_since,
    max(first_us) FILTER (WHERE close_kind <> 'refused') AS slow_until,
    min(first_us) FILTER (WHERE close_kind = 'refused') AS refused_since,
    max(first_us) FILTER (WHERE close_kind = 'refused') AS refused_until
  FROM flows
  WHERE (close_kind = 'refused' OR ${SLOW})${rest}
  GROUP BY server_ip, server_port`;

/** Trouble of a service. Scans do not count. */
interface Trouble extends Service {
  unanswered: number;
  /** Of these, whose SYN was sent three times or more. */
  repeated: number;
  refused: number;
  /** Unanswered, or opened late. */
  slow: number;
  /** The first and the last that was slow, or refused; NULL without. */
  slow_since: number | null;
  slow_until: number | null;
  refused_since: number | null;
  refused_until: number | null;
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
 * known if these are several.
 */
export type TroubledService = Trouble & Opened;

/** The services with trouble at opening. */
export function troubledServices(db: Database, context: Context): TroubledService[] {
  const rows = db.prepare<[object], Trouble>(troubled(notOfScanners(context))).all(openingValues(context));
  const several = context.thresholds['opening-count'];
  return rows.map((row) => {
    const isKnown = Math.max(row.slow, row.refused) >= several;
    const opened = isKnown ? context.once(openedTimes).get(serviceKey(row)) : undefined;
    return { ...row, ...openedOf(row, opened ?? new OpenedTimes()) };
  });
}

function openedOf(
  { slow_since, slow_until, refused_since, refused_until }: Trouble,
  times: OpenedTimes,
): Opened {
  const { NEGATIVE_INFINITY: ever, POSITIVE_INFINITY: forever } = Number;
  const atOnce = (sinceUs: number | null, untilUs: number | null) =>
    sinceUs === null || untilUs === null ? 0 : times.atOnce(sinceUs, untilUs);
  return {
    opened: times.atOnce(ever, forever),
    beside_slow: atOnce(slow_since, slow_until),
    before_refused: atOnce(ever, refused_since && refused_since - 1),
    beside_refused: atOnce(refused_since, refused_until),
    after_refused: atOnce(refused_until && refused_until + 1, forever),
  };
}
