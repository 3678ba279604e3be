import { LATE, LATE_STORED, type LateOpenings, lateOpenings } from '../../family/openings/late-openings.ts';
import { ENDS, notOfScanners, openingValues } from '../../family/openings/openings.ts';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { type Certainty, type Conclusion, likely, possible } from '../../frame/conclusion.ts';
import type { OptionalNumbers } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import {
  OF_SERVICES,
  SERVICE,
  serviceKey,
  serviceList,
  serviceOf,
  serviceSubject,
} from '../../frame/subjects.ts';
import { adviceOn } from './opened-late-advice.ts';

const casesOf = (rest: string): Cases => ({
  sql: `SELECT ${ENDS}, opened_us AS until_us, opened_us - first_us AS opened_after_us,
  client_retransmissions, first_frame AS frame
FROM flows
WHERE ${LATE}${rest}`,
  by: SERVICE,
  measures: { clients: 'count(DISTINCT client_ip)' },
  having: 'count >= :several',
  weight: 'opened_after_us',
  marks: ['SYN', 'retransmitted SYN', 'SYN-ACK', 'retransmitted SYN-ACK'],
});

/** SYNs that are dropped one by one, so that some connections open a second or more later than the others. */
export const openedLate: Rule = {
  code: 'opened-late',
  title: 'connections that open late, one by one',
  looksFor:
    'SYNs that had to be sent again before they were answered, while others of the same service open at once: on ports ' +
    'that were used before, spread evenly, or in bursts too small for a full queue.',
  thresholds: ['opening-count', 'late-share', 'late-opening'],
  candidates: LATE_STORED,
  several: 'opening-count',
  worst: 'warning',
  find(db, context) {
    const late = context.once(lateOpenings).filter(({ isFullQueue }) => !isFullQueue);
    if (late.length === 0) return [];
    const byKey = new Map(late.map((one) => [serviceKey(one), one]));
    const several = context.thresholds['opening-count'];
    const values = { ...openingValues(context), several, services: serviceList(late) };
    return groupCases(db, casesOf(notOfScanners(context)), values, OF_SERVICES).map((group) =>
      conclude(group, byKey.get(serviceKey(serviceOf(group)))!, context),
    );
  },
};

function conclude(group: CaseGroup, late: LateOpenings, { thresholds }: Context): Conclusion {
  const isOften = late.percent >= thresholds['late-share'];
  return {
    group,
    severity: isOften && !late.isLoss ? 'warning' : 'info',
    subject: serviceSubject(group),
    numbers: numbersOf(group, late),
    advice: adviceOn(late),
    certainty: certaintyOf(late),
  };
}

function numbersOf(group: CaseGroup, late: LateOpenings): OptionalNumbers {
  const { delays, of, usedLate, usedAtOnce } = late;
  const fresh = of - usedLate - usedAtOnce;
  const freshLate = late.late - usedLate;
  return {
    late: late.late,
    of,
    late_percent: late.percent,
    ...stepsOf(delays),
    longest_us: delays.at(-1),
    late_on_ports_used_before: usedLate,
    of_ports_used_before: usedLate + usedAtOnce,
    late_on_fresh_ports: freshLate,
    of_fresh_ports: fresh,
    used_before_at_least_us: late.shortestUnusedUs,
    used_before_at_most_us: late.longestUnusedUs,
    others_that_lost_data_percent: late.lossyPercent,
    clients: group.number('clients'),
  };
}

/** How many opened after each step, in whole seconds: `opened_after_1s` 11, `opened_after_3s` 2. */
function stepsOf(delays: readonly number[]): Record<string, number> {
  const steps = new Map<number, number>();
  for (const us of delays) {
    const seconds = Math.max(1, Math.round(us / 1e6));
    steps.set(seconds, (steps.get(seconds) ?? 0) + 1);
  }
  const commonest = [...steps].sort(([, a], [, b]) => b - a).slice(0, 6);
  return Object.fromEntries(commonest.sort(([a], [b]) => a - b).map(([s, n]) => [`opened_after_${s}s`, n]));
}

function certaintyOf({ pattern, isLoss, late, usedLate }: LateOpenings): Certainty {
  if (isLoss) return likely('others of the service lose data as often');
  if (pattern !== 'reused') return possible('packets show that SYNs were lost, not by whom');
  return usedLate === late
    ? likely('all are on ports used before, and hardly any on fresh ones')
    : likely('nearly all are on ports used before, and hardly any on fresh ones');
}
