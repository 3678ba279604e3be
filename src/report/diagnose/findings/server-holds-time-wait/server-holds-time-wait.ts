import { count, duration } from '../../../units.ts';
import { type Pace, paceOf } from '../../family/client-time-waits/time-wait-cases.ts';
import { type CaseGroup, groupCases } from '../../frame/cases.ts';
import type { Finding, Severity } from '../../frame/finding.ts';
import { longDuration } from '../../frame/number-text.ts';
import { ifAny, type OptionalNumbers } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { serviceKey, serviceName, serviceOf } from '../../frame/subjects.ts';
import { servicesThatHold, type TimeWaitService } from './holders.ts';
import type { Refusals } from './refusals.ts';
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
    const services = servicesThatHold(db, context);
    if (services.length === 0) return [];
    const known = new Map(services.map((service) => [serviceKey(service), service]));
    const ips = JSON.stringify(services.map(({ server_ip }) => server_ip));
    const among = 'server_ip IN (SELECT value FROM json_each(:ips))';
    return groupCases(db, SERVER_TIME_WAITS, { brief_us: BRIEF_US, ips }, among).flatMap((group) => {
      const service = known.get(serviceKey(serviceOf(group)));
      return service === undefined ? [] : [holder(group, service, context)];
    });
  },
};

function holder(
  group: CaseGroup,
  { closed, server_ip, refusals }: TimeWaitService,
  { thresholds, sysctls }: Context,
): Finding {
  const pace = paceOf(group);
  const buckets = sysctls.of(server_ip, 'tcp_max_tw_buckets').value;
  const isBrief = 2 * group.number('brief') > group.count;
  const isFull = buckets !== null && pace.standing > buckets;
  const isMany = pace.standing >= thresholds['server-time-waits'] && isBrief;
  const severity: Severity = refusals || isFull || isMany ? 'warning' : 'info';
  return {
    code: serverHoldsTimeWait.code,
    title: refusals
      ? `${count(refusals.count)} SYNs refused while TIME_WAITs stand on the port: a restart without SO_REUSEADDR?`
      : isMany
        ? `the server ends each connection after a moment: ${count(pace.standing)} TIME_WAITs at once`
        : 'the server closes first, and holds the TIME_WAITs',
    severity,
    subject: serviceName(serviceOf(group)),
    count: group.count,
    sinceUs: group.sinceUs,
    untilUs: group.untilUs,
    evidence: group.evidence(numbersOf(group, closed, pace, buckets, refusals)),
    cause: [
      `The server closed ${count(group.count)} of ${count(closed)} connections first, after ` +
        `${duration(group.number('lived_us'))} on average, so the TIME_WAITs of ${longDuration(pace.lengthUs)} are with it.`,
      'They take memory, but no ports, and connections are taken as before.',
      refusals
        ? 'Then nobody listened any more, and every SYN was refused. A server that is started again within that ' +
          'time cannot bind its port (EADDRINUSE) unless it sets SO_REUSEADDR.'
        : 'They are in the way of a restart: bind() fails (EADDRINUSE) unless the program sets SO_REUSEADDR.',
      ...(isFull
        ? [`It is more than this host's tcp_max_tw_buckets (${count(buckets)}): the kernel makes no more.`]
        : []),
    ].join(' '),
    remedies: [
      'Set SO_REUSEADDR on the listening socket before bind(). Most frameworks do; on Linux it is safe. The process ' +
        'that left the TIME_WAITs has to have set it as well, so it helps from the second restart on.',
      ...(isBrief
        ? ['Keep connections open for further requests (HTTP keep-alive): fewer closes, fewer handshakes.']
        : []),
      'Let the clients close first, where the protocol allows it: an idle timeout of the server that is a little ' +
        "longer than the clients'.",
      ...(refusals ? ['For restarts without a gap: pass the listening socket on, or SO_REUSEPORT.'] : []),
    ],
    notToDo: [
      'net.ipv4.tcp_tw_reuse: it is for connect(), and does nothing for a listening port.',
      'net.ipv4.tcp_fin_timeout does not shorten TIME_WAIT.',
      'SO_LINGER with 0 at the server: clients then lose the end of their answers.',
    ],
    ...confidenceOf(refusals, pace),
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

function confidenceOf(
  refusals: Refusals | undefined,
  { peak, standing }: Pace,
): Pick<Finding, 'confidence' | 'confidenceReason'> {
  if (refusals) {
    return { confidence: 'possible', confidenceReason: 'a server that was stopped for good looks the same' };
  }
  return peak.atOnce >= standing
    ? { confidence: 'certain', confidenceReason: 'they stood at once' }
    : { confidence: 'likely', confidenceReason: 'a forecast from the rate' };
}
