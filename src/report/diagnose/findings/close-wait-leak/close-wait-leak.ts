import type { Database } from 'better-sqlite3';
import { code } from '../../../../flow/format/word-table.ts';
import { ENDPOINTS, STATES } from '../../../../flow/format/words.ts';
import { type CaseGroup, groupCases } from '../../frame/cases.ts';
import type { Finding, Severity } from '../../frame/finding.ts';
import { ratePerSecond, reachesUs } from '../../frame/forecast.ts';
import { ifAny, type OptionalNumbers } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { serviceName, serviceOf } from '../../frame/subjects.ts';
import { type CloseWaitKind, programsOf, WORDS } from './close-wait-advice.ts';
import { LATE, STANDING } from './close-wait-cases.ts';

const CODE = 'close-wait-leak';
const HOUR_US = 3_600e6;

/** CLOSE_WAITs that nobody ends, or ends late: TCP has no timer for them. */
export const closeWaitLeak: Rule = {
  code: CODE,
  title: 'sockets in CLOSE_WAIT whose program does not close them',
  looksFor:
    'An end got a FIN, acknowledged it and sent none of its own before the capture ended, or only late. ' +
    'What the capture cut off counts where it stood for long, or where the same program has closed none.',
  thresholds: ['close-wait-age', 'close-wait-count', 'slow-close', 'slow-answer', 'descriptor-limit'],
  candidates: ENDPOINTS.map(
    (end) =>
      `${end}_state = ${code(STATES, 'CLOSE_WAIT')} OR ` +
      `coalesce(${end}_last_ack, ${end}_closed) - ${end}_close_wait >= 1e6 * :slow_close`,
  ).join(' OR '),
  find(db, context) {
    const values = {
      age_us: context.thresholds['close-wait-age'] * 1e6,
      slow_us: context.thresholds['slow-close'] * 1e6,
      several: context.thresholds['close-wait-count'],
    };
    return [
      ...groupCases(db, STANDING, values).map((group) => leak(db, group, context)),
      ...groupCases(db, LATE, values).map((group) => lateClose(db, group, context)),
    ];
  },
};

function leak(db: Database, group: CaseGroup, { thresholds }: Context): Finding {
  const { count, sinceUs, untilUs } = group;
  const [oldestUs, closed, mute] = ['oldest_us', 'closed', 'mute'].map(group.number) as [
    number,
    number,
    number,
  ];
  const perSecond = count < thresholds['close-wait-count'] ? 0 : ratePerSecond(count, sinceUs, untilUs);
  const limit = thresholds['descriptor-limit'];
  const fullUs = reachesUs(limit, count, perSecond);
  const isOld = group.number('aged') > 0;
  const isBacklog = mute * 2 > count && isServer(group);
  const numbers: OptionalNumbers = {
    standing: count,
    oldest_us: oldestUs,
    without_a_byte_sent: ifAny(mute),
    closed_by_the_program: closed,
    usually_after_us: closed > 0 ? group.number('usual_us') : undefined,
    growth_per_s: ifAny(perSecond),
    descriptor_limit: fullUs === undefined ? undefined : limit,
    limit_reached_in_us: fullUs === undefined ? undefined : Math.round(fullUs),
  };
  return {
    ...findingOf(db, group, isBacklog ? 'backlog' : isServer(group) ? 'server' : 'client', numbers),
    severity: leakSeverity(count, thresholds['close-wait-count'], limit, isOld ? fullUs : undefined),
    ...leakConfidence(group, isBacklog, isOld),
  };
}

/** A few are a warning; where the descriptors are half gone, or go within the hour, it is critical. */
function leakSeverity(count: number, several: number, limit: number, fullUs: number | undefined): Severity {
  if (count < several) return 'info';
  return count * 2 >= limit || (fullUs !== undefined && fullUs <= HOUR_US) ? 'critical' : 'warning';
}

function leakConfidence(
  group: CaseGroup,
  isBacklog: boolean,
  isOld: boolean,
): Pick<Finding, 'confidence' | 'confidenceReason'> {
  const { count } = group;
  if (isBacklog) {
    if (group.number('in_backlog') * 2 > count) {
      return { confidence: 'certain', confidenceReason: 'the kernel says that no program has accepted them' };
    }
    const isPassedBy = group.number('passed_by') > 0;
    return isPassedBy
      ? { confidence: 'possible', confidenceReason: 'others were answered meanwhile' }
      : { confidence: 'likely', confidenceReason: 'nobody was answered since' };
  }
  if (group.number('closed') > 0) {
    return { confidence: 'likely', confidenceReason: 'it closes others, and far sooner' };
  }
  return isOld
    ? { confidence: 'likely', confidenceReason: 'it has closed none, for long' }
    : { confidence: 'possible', confidenceReason: 'it has closed none, but the capture ended soon' };
}

function lateClose(db: Database, group: CaseGroup, { thresholds }: Context): Finding {
  const { count } = group;
  const [closed, wasted, answered] = ['closed', 'wasted', 'answered'].map(group.number) as [
    number,
    number,
    number,
  ];
  const isWanted = answered - wasted > count / 2;
  const isFrequent = count * 10 >= closed;
  // A pool of connections may notice late that the server has closed one: that costs nobody anything.
  const patience = isServer(group) ? thresholds['slow-answer'] : thresholds['close-wait-age'];
  // An answer that has begun may take as long as it likes.
  const isLong = group.number(isWanted ? 'answered_after_us' : 'average_us') >= patience * 1e6;
  const isTrouble = isLong || (isServer(group) && !isWanted);
  const numbers: OptionalNumbers = {
    closed_late: count,
    of: closed,
    late_by_average_us: group.number('average_us'),
    longest_us: group.number('longest_us'),
    sent_data_after_the_fin: ifAny(answered),
    began_to_send_after_us: answered > 0 ? group.number('answered_after_us') : undefined,
    to_a_peer_that_was_gone: ifAny(wasted),
  };
  return {
    ...findingOf(db, group, isWanted ? 'half-close' : isServer(group) ? 'slow' : 'client', numbers),
    severity: isFrequent && isTrouble ? 'warning' : 'info',
    confidence: wasted > 0 || isWanted ? 'certain' : 'likely',
    confidenceReason: isWanted
      ? 'the peer took what was sent after its FIN'
      : wasted > 0
        ? 'the peer refused what came after its FIN'
        : 'they did end, late',
  };
}

type Rest = Omit<Finding, 'severity' | 'confidence' | 'confidenceReason'>;

function findingOf(db: Database, group: CaseGroup, kind: CloseWaitKind, numbers: OptionalNumbers): Rest {
  const { title, cause, remedies, notToDo } = WORDS[kind];
  const service = serviceName(serviceOf(group));
  const evidence = group.evidence(numbers);
  return {
    code: CODE,
    title,
    subject: isServer(group) ? service : `${group.text('ip')} -> ${service}`,
    count: group.count,
    sinceUs: group.sinceUs,
    untilUs: group.untilUs,
    evidence,
    cause: [cause, programsOf(db, evidence.flows)].filter((text) => text !== '').join(' '),
    remedies,
    notToDo,
  };
}

function isServer(group: CaseGroup): boolean {
  return group.text('endpoint') === 'server';
}
