import { count, counted } from '../../../units.ts';
import { type OpeningCauses, openingCauses } from '../../family/openings/opening-causes.ts';
import {
  ENDS,
  hasScanners,
  NEVER_OPENED,
  notOfScanners,
  openingValues,
  SCANNERS,
  UNANSWERED,
} from '../../family/openings/openings.ts';
import type { Meanwhile } from '../../family/openings/stopped-services.ts';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { closeKind } from '../../frame/codes.ts';
import type { Advice, Conclusion } from '../../frame/conclusion.ts';
import type { Rule } from '../../frame/rule.ts';
import {
  PAIR,
  pairKey,
  pairSubject,
  SERVICE,
  SERVICE_KEY,
  type Service,
  serviceKey,
  serviceOf,
  serviceSubject,
} from '../../frame/subjects.ts';
import { concludeRejected, rejectedCases } from './syn-rejected.ts';
import { SILENCES, type Silence } from './syn-unanswered-advice.ts';

const rowsOf = (condition: string) => `SELECT ${ENDS}, last_us AS until_us,
  client_segments AS syns, first_frame AS frame
FROM flows
WHERE ${condition}`;
const MEASURES = {
  clients: 'count(DISTINCT client_ip)',
  ports: 'count(DISTINCT server_port)',
  targets: `count(DISTINCT ${SERVICE_KEY})`,
  syns: 'sum(syns)',
};
/** The columns by which SYNs are counted together. */
const BY: Readonly<Record<Silence, readonly string[]>> = {
  dead: ['server_ip'],
  dropped: SERVICE,
  stopped: SERVICE,
  shut: SERVICE,
  limited: SERVICE,
  filtered: PAIR,
  scan: ['client_ip'],
};

function casesOf(silence: Silence, rest: string): Cases {
  const marks = ['SYN', 'retransmitted SYN'];
  const condition = silence === 'scan' ? NEVER_OPENED : UNANSWERED;
  return {
    sql: `${rowsOf(condition)}${rest}`,
    by: BY[silence],
    measures: MEASURES,
    having: 'count >= :several',
    marks,
  };
}

/** SYNs that nobody answers, or ICMP alone: all of an address, a port or a client. If others are answered: backlog-overflow. */
export const synUnanswered: Rule = {
  code: 'syn-unanswered',
  title: 'connections that nobody answers',
  looksFor:
    'SYNs without any answer, or with none but an ICMP error: of an address that is silent altogether, of one port of an address that answers, ' +
    'of one client among others, or of one client that tries many targets.',
  thresholds: ['opening-count', 'late-opening', 'scan-targets'],
  candidates: `close_kind = ${closeKind('unanswered')} AND (observed >= 1e6 * :late_opening OR icmp IS NOT NULL)`,
  several: 'opening-count',
  find(db, context) {
    const values = { ...openingValues(context), several: context.thresholds['opening-count'] };
    const others = notOfScanners(context);
    const rejected = groupCases(db, rejectedCases(others), values);
    const { dead, dropped, stopped, shut, limited, filtered } = withoutRejected(
      context.once(openingCauses),
      rejected,
    );
    const meanwhile = new Map([...shut, ...limited].map((service) => [serviceKey(service), service]));
    const scanners = context.once(hasScanners) ? `\n  AND client_ip IN (${SCANNERS})` : undefined;
    const silences = (silence: Silence, rest: string, subjects: readonly string[], key: string) =>
      subjects.length === 0
        ? []
        : groupCases(
            db,
            casesOf(silence, rest),
            { ...values, subjects: JSON.stringify(subjects) },
            `${key} IN (SELECT value FROM json_each(:subjects))`,
          ).map((group) =>
            conclude(
              group,
              silence,
              silence === 'shut' || silence === 'limited'
                ? meanwhile.get(serviceKey(serviceOf(group)))
                : undefined,
            ),
          );
    return [
      ...rejected.map(concludeRejected),
      ...silences('dead', others, dead, 'server_ip'),
      ...silences('dropped', others, dropped.map(serviceKey), SERVICE_KEY),
      ...silences('stopped', others, stopped.map(serviceKey), SERVICE_KEY),
      ...silences('shut', others, shut.map(serviceKey), SERVICE_KEY),
      ...silences('limited', others, limited.map(serviceKey), SERVICE_KEY),
      ...silences('filtered', others, filtered.map(pairKey), `client_ip || ' ' || ${SERVICE_KEY}`),
      ...(scanners === undefined
        ? []
        : groupCases(db, casesOf('scan', scanners), values).map((group) => conclude(group, 'scan'))),
    ];
  },
};

/** Routers limit the rate of their errors: where some SYNs get one, the same happens to those without. */
function withoutRejected(causes: OpeningCauses, rejected: readonly CaseGroup[]): OpeningCauses {
  const services = new Set(rejected.map((group) => serviceKey(serviceOf(group))));
  const addresses = new Set(rejected.map((group) => group.text('server_ip')));
  const isLeft = (service: Service) => !services.has(serviceKey(service));
  return {
    ...causes,
    dead: causes.dead.filter((ip) => !addresses.has(ip)),
    dropped: causes.dropped.filter(isLeft),
    stopped: causes.stopped.filter(isLeft),
    shut: causes.shut.filter(isLeft),
    limited: causes.limited.filter(isLeft),
    filtered: causes.filtered.filter(isLeft),
  };
}

function conclude(group: CaseGroup, silence: Silence, meanwhile?: Meanwhile): Conclusion {
  return {
    group,
    severity: silence === 'scan' ? 'info' : 'warning',
    subject: subjectOf(group, silence),
    numbers: {
      connections: group.count,
      SYNs: group.number('syns'),
      targets: silence === 'scan' || silence === 'dead' ? group.number('targets') : undefined,
      clients: silence === 'scan' || silence === 'filtered' ? undefined : group.number('clients'),
      stayed_open_meanwhile: meanwhile?.standing,
      opened_by_other_ports_meanwhile: meanwhile?.elsewhere,
    },
    ...SILENCES[silence],
    ...(silence === 'limited' && meanwhile && { advice: limitAdvice(group.count, meanwhile.standing) }),
  };
}

/** The number that stood open is what limits are to be compared with. */
function limitAdvice(unanswered: number, standing: number): Advice {
  const { advice } = SILENCES.limited;
  const those = `${counted(standing, 'connection')} stood open while ${counted(unanswered, 'new one')} got no answer`;
  return { ...advice, cause: `${those}: look for a limit near ${count(standing)}. ${advice.cause}` };
}

function subjectOf(group: CaseGroup, silence: Silence): string {
  switch (silence) {
    case 'scan':
      return group.text('client_ip');
    case 'dead':
      return group.text('server_ip');
    case 'filtered':
      return pairSubject(group);
    default:
      return serviceSubject(group);
  }
}
