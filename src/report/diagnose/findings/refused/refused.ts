import { openedTimes } from '../../family/openings/opened-times.ts';
import { ENDS, hasScanners, notOfScanners, openingValues, SCANNERS } from '../../family/openings/openings.ts';
import { type TroubledService, troubledServices } from '../../family/openings/troubled-services.ts';
import { readPeak } from '../../frame/aggregates/standing-peak.ts';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { closeKind } from '../../frame/codes.ts';
import type { Conclusion } from '../../frame/conclusion.ts';
import type { OptionalNumbers } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import {
  OF_SERVICES,
  SERVICE,
  SERVICE_KEY,
  serviceKey,
  serviceList,
  serviceName,
  serviceOf,
} from '../../frame/subjects.ts';
import { REFUSALS, type Refusal } from './refused-advice.ts';

/** The longest that refusals count as simultaneous. */
const MOMENT_US = 2_000_000;

const ROWS = `SELECT ${ENDS}, last_us AS until_us, first_frame AS frame
FROM flows
WHERE close_kind = 'refused'`;
const MEASURES = {
  clients: 'count(DISTINCT client_ip)',
  targets: `count(DISTINCT ${SERVICE_KEY})`,
  // The most within a moment.
  peak: `standing_peak(since_us, since_us + ${MOMENT_US})`,
};

function casesOf(rest: string, by: readonly string[]): Cases {
  const marks = ['SYN', 'RST refusing SYN'];
  return { sql: `${ROWS}${rest}`, by, measures: MEASURES, having: 'count >= :several', marks };
}

/** SYNs answered by RST: nobody listens there, or not at that time. */
export const refused: Rule = {
  code: 'refused',
  title: 'connections that are refused',
  looksFor:
    'SYNs answered by RST: at a port that never opens a connection, at a service that opens some before, after or ' +
    'meanwhile, or at many targets of one client.',
  thresholds: ['opening-count', 'opening-share', 'scan-targets'],
  candidates: `close_kind = ${closeKind('refused')}`,
  several: 'opening-count',
  find(db, context) {
    const several = context.thresholds['opening-count'];
    const services = context.once(troubledServices).filter((service) => service.refused >= several);
    const values = { ...openingValues(context), several, services: serviceList(services) };
    const byKey = new Map(services.map((service) => [serviceKey(service), service]));
    const byService = casesOf(notOfScanners(context), SERVICE);
    const groups = services.length === 0 ? [] : groupCases(db, byService, values, OF_SERVICES);
    return [
      ...groups.flatMap((group) =>
        concludeOfService(group, byKey.get(serviceKey(serviceOf(group)))!, context),
      ),
      ...(context.once(hasScanners)
        ? groupCases(db, casesOf(`\n  AND client_ip IN (${SCANNERS})`, ['client_ip']), values)
        : []
      ).map((group) =>
        conclude(group, 'scan', group.text('client_ip'), {
          targets: group.number('targets'),
        }),
      ),
    ];
  },
};

function concludeOfService(
  group: CaseGroup,
  service: TroubledService,
  { thresholds, once }: Context,
): Conclusion[] {
  const { before_refused, beside_refused, after_refused } = service;
  const refusal = refusalOf(service);
  const { atOnce, atUs } = readPeak(group.text('peak'));
  const opened = once(openedTimes).get(serviceKey(service))?.near(atUs).opened ?? 0;
  const percent = Math.max(
    (100 * group.count) / (group.count + beside_refused),
    atOnce < thresholds['opening-count'] ? 0 : (100 * atOnce) / (atOnce + opened),
  );
  if (refusal === 'at-times' && percent < thresholds['opening-share']) return [];
  return [
    conclude(group, refusal, serviceName(service), {
      opened_before: before_refused,
      opened_meanwhile: beside_refused,
      opened_after: after_refused,
      refused_at_its_worst_percent: refusal === 'at-times' ? percent : undefined,
      lasted_us: group.untilUs - group.sinceUs,
      clients: group.number('clients'),
    }),
  ];
}

function refusalOf({ opened, before_refused, beside_refused, after_refused }: TroubledService): Refusal {
  if (opened === 0) return 'never';
  if (beside_refused > 0) return 'at-times';
  if (before_refused > 0) return after_refused > 0 ? 'restart' : 'gone';
  return 'not-yet';
}

/** What the findings on all refusals have in common. */
function conclude(group: CaseGroup, refusal: Refusal, subject: string, numbers: OptionalNumbers): Conclusion {
  return {
    group,
    severity: refusal === 'scan' ? 'info' : 'warning',
    subject,
    numbers: { refused: group.count, ...numbers },
    ...REFUSALS[refusal],
  };
}
