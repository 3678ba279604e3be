import type { Database } from 'better-sqlite3';
import { type CaseGroup, groupCases } from '../../frame/cases.ts';
import type { Context } from '../../frame/rule.ts';
import { OF_SERVICES, SERVICE_KEY, serviceKey, serviceList, serviceOf } from '../../frame/subjects.ts';
import { answersSince, MARGIN_US } from './host-answers.ts';
import { FORGOTTEN } from './idle-cases.ts';
import { areAlike } from './silences.ts';

// A middlebox forgets each connection on its own, after its idle timeout; a host that goes down forgets all at
// one instant. So it is a middlebox if the silences are alike, or longer than all after which others went on, and if
// connections were heard of after others had been forgotten, or nothing shows the host gone.

/** Connections of a service that were forgotten while they were silent. */
export interface Forgotten {
  group: CaseGroup;
  /** Silences, microseconds, the shortest first. */
  silences: number[];
  /** The longest silence after which a connection of the service went on, microseconds; 0 for none. */
  survivedUs: number;
  /** How many went on after a long silence. */
  wentOn: number;
  /** Some were heard of after others had been forgotten. */
  isEachForItself: boolean;
  isMiddlebox: boolean;
}

/** The services that have several of them. */
export function forgotten(db: Database, { thresholds }: Context): Forgotten[] {
  const groups = groupCases(
    db,
    { ...FORGOTTEN, having: 'count >= :several' },
    {
      several: thresholds['forgotten-count'],
      unacknowledged_us: thresholds['unacknowledged-time'] * 1e6,
    },
  );
  if (groups.length === 0) return [];
  const survived = survivedBy(db, groups);
  const answers = answersSince(
    db,
    groups.map((group) => ({ ip: group.text('server_ip'), sinceUs: group.sinceUs })),
  );
  return groups.map((group, i) => {
    const silences = (JSON.parse(group.text('silences')) as number[]).sort((a, b) => a - b);
    const { survivedUs = 0, wentOn = 0 } = survived.get(serviceKey(serviceOf(group))) ?? {};
    const isEachForItself = group.number('last_heard_us') > group.sinceUs + MARGIN_US;
    const { opened, unanswered } = answers[i]!;
    const isGone = group.number('by_rst') === 0 && unanswered > 0 && opened === 0;
    // A silence that others, or the same connections, have survived is no timeout.
    const isTimeout = survivedUs < silences[0]! && (areAlike(silences) || (isEachForItself && wentOn > 0));
    // An RST is an answer: the host is there, and something has forgotten them one by one.
    const isAnswered = isEachForItself && group.number('by_rst') > 0;
    const isMiddlebox = isAnswered || (isTimeout && (isEachForItself || !isGone));
    return { group, silences, survivedUs, wentOn, isEachForItself, isMiddlebox };
  });
}

/** The services before which a middlebox is, as a serviceList(): what it forgot is idle-middlebox's. */
export function behindMiddlebox({ once }: Context): string {
  return serviceList(
    once(forgotten)
      .filter(({ isMiddlebox }) => isMiddlebox)
      .map(({ group }) => serviceOf(group)),
  );
}

interface Survived {
  survivedUs: number;
  wentOn: number;
}

/** The silences after which connections of each service went on. */
function survivedBy(db: Database, groups: readonly CaseGroup[]): Map<string, Survived> {
  const rows = db
    .prepare<[object], Survived & { service: string }>(
      `SELECT ${SERVICE_KEY} AS service, count(DISTINCT f.id) AS wentOn,
         max(s.at_us - (SELECT max(b.at_us) FROM close_segments AS b
           WHERE b.flow_id = f.id AND b.n < s.n)) AS survivedUs
       FROM flows AS f
       JOIN close_segments AS s ON s.flow_id = f.id AND s.meaning = 'after a long silence'
       WHERE last_us - first_us >= 4000000 AND ${OF_SERVICES}
         AND NOT (f.reset_evidence = 'after-silence' AND f.close_kind = 'reset' AND s.n = (
           SELECT max(l.n) FROM close_segments AS l
           WHERE l.flow_id = f.id AND l.meaning = 'after a long silence'))
         AND s.at_us < f.last_us
       GROUP BY 1`,
    )
    .all({ services: serviceList(groups.map(serviceOf)) });
  return new Map(rows.map(({ service, ...survived }) => [service, survived]));
}
