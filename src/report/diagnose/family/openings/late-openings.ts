import type { Database } from 'better-sqlite3';
import { code } from '../../../../flow/format/word-table.ts';
import { ROLE_EVIDENCE } from '../../../../flow/format/words.ts';
import { indexOfFirst } from '../../../sorted.ts';
import { peakOf } from '../../frame/aggregates/standing-peak.ts';
import type { Context } from '../../frame/rule.ts';
import { SERVICE_NUMBER, type Service, serviceKey, servicesOf } from '../../frame/subjects.ts';
import { parametersOf } from '../../frame/thresholds.ts';
import { isByTimestamps } from './backward-timestamps.ts';
import { OpenedTimes, openedTimes } from './opened-times.ts';
import { troubledServices } from './troubled-services.ts';

// Connections whose SYN had to be sent again: how many of a service's, in which pattern, and what tells a full
// queue from something on the way.

const BY_SYN = code(ROLE_EVIDENCE, 'syn');
/** A condition on flow_data that late ones meet: the SYN-ACK was the first answer. In time-wait-refused it is an old ACK. */
export const LATE_STORED = `opened >= 1e6 * :late_opening AND client_retransmissions > 0
    AND role_evidence = ${BY_SYN} AND zeek_history GLOB 'Sh*'`;

/** The rest of it: it was the SYN that was sent again, not the first request. `%` is the flow's id. */
const SYN_AGAIN = `EXISTS (SELECT 1 FROM close_segments AS s
    WHERE s.flow_id = % AND s.meaning = 'retransmitted SYN')`;
/** The same of flows. */
export const LATE = `role_evidence = 'syn' AND opened_us - first_us >= :late_us AND client_retransmissions > 0
  AND zeek_history GLOB 'Sh*' AND ${SYN_AGAIN.replace('%', 'flows.id')}`;

/** So many that come alone, of those that would by chance, are no burst: a queue that is full drops one SYN after the other. */
const ALONE_SHARE = 0.6;
/** A path that loses one opening of ten loses one segment of ten as well, and not all of these losses are captured. */
const LOSS_PARTS = 4;
const SEGMENT_PARTS = 20;
/** So many make a habit of passing at the second try; and what counts as the same moment. */
const SECOND_TRIES = 8;
const MOMENT_US = 250_000;
/** From there on SYNs that are dropped one by one may well be a queue that is always full. */
const FULL_PERCENT = 25;

/** What the late ones have in common: ports that were used before, the second SYN passes, moments, or nothing. */
export type LatePattern = 'reused' | 'second-try' | 'bursts' | 'spread';

/** The connections of a service that opened late, and the others. Durations are microseconds. */
export interface LateOpenings extends Service {
  late: number;
  /** How many opened in all. */
  of: number;
  percent: number;
  /** From the first SYN to the last ACK of the handshake, in order. */
  delays: readonly number[];
  /** On a port that an earlier connection to the service had used in the capture. */
  usedLate: number;
  usedAtOnce: number;
  /** Since then, over those that opened late; NULL if there are none. */
  shortestUnusedUs: number | null;
  longestUnusedUs: number | null;
  pattern: LatePattern;
  /** Of those that opened at once, how many sent something again later. */
  lossyPercent: number;
  /** Others lose data as often: it is the path. */
  isLoss: boolean;
  /** Many at a time while hardly any opens at once: a queue. */
  isFullQueue: boolean;
}

interface Row {
  service: number;
  late: number;
  opened: number;
  used_late: number;
  used_at_once: number;
  shortest_unused_us: number | null;
  longest_unused_us: number | null;
  lossy: number;
  retransmissions: number;
  segments: number;
  /** Pairs of first and opened, as JSON. */
  times: string;
}

const ROWS = `WITH ours AS (
  SELECT ${SERVICE_NUMBER} AS service, first, opened, client_retransmissions + server_retransmissions AS again,
    client_segments + server_segments AS segments,
    ${LATE_STORED} AND ${SYN_AGAIN.replace('%', 'flow_data.id')} AS late,
    max(0, first - lag(first + last) OVER (
      PARTITION BY server_address, server_port, client_address, client_port ORDER BY first
    )) AS unused
  FROM flow_data
  WHERE ${SERVICE_NUMBER} IN (SELECT value FROM json_each(:services))
)
SELECT service, sum(late) AS late, count(*) AS opened,
  sum(late AND unused IS NOT NULL) AS used_late, sum(NOT late AND unused IS NOT NULL) AS used_at_once,
  min(unused) FILTER (WHERE late) AS shortest_unused_us, max(unused) FILTER (WHERE late) AS longest_unused_us,
  sum(NOT late AND again > 0) AS lossy,
  sum(again) FILTER (WHERE NOT late) AS retransmissions, sum(segments) FILTER (WHERE NOT late) AS segments,
  json_group_array(json_array(first, opened)) FILTER (WHERE late) AS times
FROM ours WHERE opened IS NOT NULL GROUP BY service`;

/** The services with several connections that opened late; not those that sort SYNs by their timestamps. */
export function lateOpenings(db: Database, context: Context): LateOpenings[] {
  const several = context.thresholds['opening-count'];
  const troubled = context
    .once(troubledServices)
    .filter((service) => service.slow - service.unanswered >= several && !isByTimestamps(service, context));
  if (troubled.length === 0) return [];
  const slow = new Map(troubled.map((service) => [serviceKey(service), service.slow]));
  const id = db.prepare<[string], number>('SELECT id FROM addresses WHERE ip = ?').pluck();
  const numbers = troubled.map(({ server_ip, server_port }) => id.get(server_ip)! * 65_536 + server_port);
  const rows = db
    .prepare<[object], Row>(ROWS)
    .all({ ...parametersOf(context.thresholds), services: JSON.stringify(numbers) })
    .filter((row) => row.late >= several);
  const services = servicesOf(
    db,
    rows.map((row) => row.service),
  );
  return rows.map((row, i) => {
    const key = serviceKey(services[i]!);
    const times = context.once(openedTimes).get(key) ?? new OpenedTimes();
    return { ...services[i]!, ...judge(row, times, slow.get(key)!, context) };
  });
}

function judge(
  row: Row,
  times: OpenedTimes,
  slow: number,
  { thresholds }: Context,
): Omit<LateOpenings, keyof Service> {
  const { late, opened: of, lossy } = row;
  const pairs = (JSON.parse(row.times) as [first: number, opened: number][]).sort(([a], [b]) => a - b);
  const pattern = patternOf(row, pairs, times);
  const percent = (100 * late) / of;
  const lossyPercent = (100 * lossy) / Math.max(1, of - late);
  const segmentPercent = (100 * row.retransmissions) / Math.max(1, row.segments);
  const { atOnce, atUs } = peakOf(pairs.flatMap(([first, opened]) => [first, first + opened]));
  const fullPercent = (100 * atOnce) / Math.max(1, atOnce + times.near(atUs).opened);
  return {
    late,
    of,
    percent,
    delays: pairs.map(([, opened]) => opened).sort((a, b) => a - b),
    usedLate: row.used_late,
    usedAtOnce: row.used_at_once,
    shortestUnusedUs: row.shortest_unused_us,
    longestUnusedUs: row.longest_unused_us,
    pattern,
    lossyPercent,
    isLoss:
      pattern !== 'reused' &&
      lossyPercent >= percent / LOSS_PARTS &&
      segmentPercent >= percent / SEGMENT_PARTS,
    isFullQueue:
      slow > 1.5 * late ||
      (pattern !== 'reused' &&
        pattern !== 'second-try' &&
        atOnce >= thresholds['opening-count'] &&
        fullPercent >= (pattern === 'bursts' ? thresholds['opening-share'] : FULL_PERCENT)),
  };
}

function patternOf(row: Row, pairs: readonly (readonly [number, number])[], times: OpenedTimes): LatePattern {
  const { late, opened, used_late, used_at_once } = row;
  const used = used_late + used_at_once;
  const fresh = opened - used;
  const isReused =
    used_late >= 0.8 * late &&
    fresh >= 5 &&
    3 * ((late - used_late) / fresh) <= used_late / Math.max(1, used);
  if (isReused) return 'reused';
  if (4 * late >= opened && isSecondTry(pairs)) return 'second-try';
  const alone = pairs.filter(
    ([first], i) => i > 0 && times.atOnce(pairs[i - 1]![0] + 1, first - 1) > 0,
  ).length;
  const byChance = (late - 1) * (1 - late / opened);
  return alone > 0 && alone >= ALONE_SHARE * byChance ? 'spread' : 'bursts';
}

/**
 * Nearly every second SYN passes, at the moment at which others' first ones do not: a queue that is full takes neither.
 * @param pairs first and opened, by first
 */
function isSecondTry(pairs: readonly (readonly [first: number, opened: number])[]): boolean {
  if (pairs.length < SECOND_TRIES) return false;
  const soonest = pairs.reduce((least, [, opened]) => Math.min(least, opened), Number.POSITIVE_INFINITY);
  const passed = pairs
    .filter(([, opened]) => opened <= 1.2 * soonest)
    .map(([first, opened]) => first + opened)
    .sort((a, b) => a - b);
  if (passed.length < 0.95 * pairs.length) return false;
  const times = Float64Array.from(passed);
  const crossed = pairs.filter(
    ([first]) => indexOfFirst(times, first + MOMENT_US) > indexOfFirst(times, first - MOMENT_US),
  );
  return 2 * crossed.length >= pairs.length;
}
