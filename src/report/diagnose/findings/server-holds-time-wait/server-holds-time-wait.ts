import { count } from '../../../units.ts';
import { type Pace, paceOf } from '../../family/client-time-waits/time-wait-cases.ts';
import { type CaseGroup, groupCases } from '../../frame/cases.ts';
import { type Certainty, type Conclusion, certain, likely, possible } from '../../frame/conclusion.ts';
import { ifAny, type OptionalNumbers } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { serviceKey, serviceOf, serviceSubject } from '../../frame/subjects.ts';
import { servicesHoldingTimeWaits, type TimeWaitService } from './holders.ts';
import type { Refusals } from './refusals.ts';
import { causeOf, NOT_TO_DO, remediesFor } from './server-holds-advice.ts';
import { HELD_BY_SERVER, SERVER_TIME_WAITS } from './server-time-waits.ts';

/** A connection that ends sooner was for one exchange; one that lives longer may have been closed as idle. */
const BRIEF_US = 1_000_000;

/** TIME_WAITs at the listening end: harmless to its ports, in the way of its restart. */
export const serverHoldsTimeWait: Rule = {
  code: 'server-holds-time-wait',
  title: 'a server closes first and holds the TIME_WAITs: its restart needs SO_REUSEADDR',
  looksFor:
    'Most connections of a service are closed by the server first. It is a warning where SYNs are refused while ' +
    'its TIME_WAITs stand, where they are more than tcp_max_tw_buckets, and where brief connections make them many.',
  thresholds: ['server-time-waits', 'time-wait-closes', 'close-trouble-count'],
  candidates: HELD_BY_SERVER,
  find(db, context) {
    const services = servicesHoldingTimeWaits(db, context);
    if (services.length === 0) return [];
    const known = new Map(services.map((service) => [serviceKey(service), service]));
    const ips = JSON.stringify(services.map(({ server_ip }) => server_ip));
    const among = 'server_ip IN (SELECT value FROM json_each(:ips))';
    return groupCases(db, SERVER_TIME_WAITS, { brief_us: BRIEF_US, ips }, among).flatMap((group) => {
      const service = known.get(serviceKey(serviceOf(group)));
      return service === undefined ? [] : [conclude(group, service, context)];
    });
  },
};

function conclude(
  group: CaseGroup,
  { closed, server_ip, refusals }: TimeWaitService,
  { thresholds, sysctls }: Context,
): Conclusion {
  const pace = paceOf(group);
  const buckets = sysctls.of(server_ip, 'tcp_max_tw_buckets').value;
  const isBrief = 2 * group.number('brief') > group.count;
  const isFull = buckets !== null && pace.standing > buckets;
  const isMany = pace.standing >= thresholds['server-time-waits'] && isBrief;
  return {
    group,
    severity: refusals || isFull || isMany ? 'warning' : 'info',
    subject: serviceSubject(group),
    numbers: numbersOf(group, closed, pace, buckets, refusals),
    advice: {
      title: refusals
        ? `${count(refusals.count)} SYNs refused while TIME_WAITs stand on the port: a restart without SO_REUSEADDR?`
        : isMany
          ? `the server ends each connection after a moment: ${count(pace.standing)} TIME_WAITs at once`
          : 'the server closes first, and holds the TIME_WAITs',
      cause: causeOf(group, closed, pace, refusals !== undefined, isFull ? buckets : undefined),
      remedies: remediesFor(isBrief, refusals !== undefined),
      notToDo: NOT_TO_DO,
    },
    certainty: certaintyOf(refusals, pace),
  };
}

function numbersOf(
  group: CaseGroup,
  closed: number,
  { peak, perSecond, standing }: Pace,
  buckets: number | null,
  refusals: Refusals | undefined,
): OptionalNumbers {
  return {
    closed_first_by_the_server: group.count,
    of: closed,
    at_once: peak.atOnce,
    closes_per_s: ifAny(perSecond),
    standing_number: perSecond > 0 ? standing : undefined,
    connections_lived_us: group.number('lived_us'),
    tcp_max_tw_buckets: buckets,
    refused_in_a_row: refusals?.count,
    refused_from_us: refusals?.sinceUs,
  };
}

function certaintyOf(refusals: Refusals | undefined, { peak, standing }: Pace): Certainty {
  if (refusals) return possible('a server that was stopped for good looks the same');
  return peak.atOnce >= standing ? certain('they stood at once') : likely('a forecast from the rate');
}
