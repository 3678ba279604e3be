import type { Database } from 'better-sqlite3';
import { code } from '../../../../flow/format/word-table.ts';
import { ENDPOINTS, STATES } from '../../../../flow/format/words.ts';
import { counted } from '../../../units.ts';
import { gaveUp } from '../../family/gave-up/gave-up.ts';
import { type CaseGroup, groupCases } from '../../frame/cases.ts';
import {
  type Advice,
  type Certainty,
  type Conclusion,
  certain,
  likely,
  possible,
} from '../../frame/conclusion.ts';
import type { Severity } from '../../frame/finding.ts';
import { ratePerSecond, reachesUs } from '../../frame/forecast.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { spreadText } from '../../frame/spread.ts';
import { endpointSubject, serviceKey, serviceOf } from '../../frame/subjects.ts';
import { adviceOn, relayAdvice } from './close-wait-advice.ts';
import { LATE, STANDING } from './close-wait-cases.ts';
import { type Legs, relayLegs } from './relay-legs.ts';

/** Shorter growth says nothing of the next hour. */
const FORECAST_US = 60e6;
const HOUR_US = 3_600e6;
/** In captures with a hole of 10 to 60 frames 3 % of standing CLOSE_WAITs were none (test/kernel/conformance.test.ts). */
const GHOST_SHARE = 0.05;

/** CLOSE_WAITs that nobody ends, or ends late: TCP has no timer for them. */
export const closeWaitLeak: Rule = {
  code: 'close-wait-leak',
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
    const standing = groupCases(db, STANDING, values);
    const legs = relayLegs(standing);
    const linked = new Set(legs.flatMap(({ from, to }) => [from, to]));
    return [
      ...legs.map((pair) => relayed(db, pair, context)),
      ...standing.filter((group) => !linked.has(group)).map((group) => leak(db, group, context)),
      ...groupCases(db, LATE, values).map((group) => lateClose(db, group, context)),
    ];
  },
};

/** Both legs of a relay: the end that got the FIN last is the one that does not close. */
function relayed(
  db: Database,
  { from, to, twins, shortestUs, longestUs }: Legs,
  context: Context,
): Conclusion {
  const other = endpointSubject(from);
  return {
    ...leak(db, to, context),
    numbers: {
      standing: to.count,
      on_the_other_leg: from.count,
      twins,
      entered_apart_at_least_us: shortestUs,
      entered_apart_at_most_us: longestUs,
      oldest_us: to.number('oldest_us'),
    },
    advice: relayAdvice(to.text('ip'), other, longestUs),
    certainty: likely(`of ${twins} on each leg one follows the other at once`),
  };
}

function leak(db: Database, group: CaseGroup, context: Context): Conclusion {
  const { thresholds } = context;
  const { count, sinceUs, untilUs } = group;
  const closed = group.number('closed');
  const mute = group.number('mute');
  const perSecond = count < thresholds['close-wait-count'] ? 0 : ratePerSecond(count, sinceUs, untilUs);
  const limit = thresholds['descriptor-limit'];
  const isLong = untilUs - sinceUs >= FORECAST_US;
  const fullUs = isLong ? reachesUs(limit, count, perSecond) : undefined;
  const isOld = group.number('aged') > 0;
  const holed = group.number('holed');
  const isBacklog = mute * 2 > count && isServer(group);
  return {
    group,
    severity: leakSeverity(
      count - holed - ghosts(group),
      thresholds['close-wait-count'],
      limit,
      isOld ? fullUs : undefined,
    ),
    subject: endpointSubject(group),
    numbers: {
      standing: count,
      oldest_us: group.number('oldest_us'),
      without_a_byte_sent: ifAny(mute),
      with_segments_missed: ifAny(holed),
      closed_by_the_program: closed,
      usually_after_us: closed > 0 ? group.number('usual_us') : undefined,
      growth_per_s: ifAny(perSecond),
      descriptor_limit: fullUs === undefined ? undefined : limit,
      limit_reached_in_us: fullUs === undefined ? undefined : Math.round(fullUs),
    },
    advice: withPatience(
      group,
      adviceOn(db, group, isBacklog ? 'backlog' : isServer(group) ? 'server' : 'client'),
      context,
    ),
    certainty: leakCertainty(group, isBacklog, isOld),
  };
}

/**
 * How many of those that stand may be none, because both FIN and ACK were lost to a hole that nothing shows: of closes
 * in captures with holes some in a hundred.
 */
function ghosts(group: CaseGroup): number {
  return group.number('in_holed') === 0 ? 0 : Math.ceil(group.number('closed') * GHOST_SHARE);
}

/**
 * `count` are those that stand for sure. Fewer than close-wait-count: info. Else a warning; critical if they take half
 * of the descriptor limit, or an old leak will reach that limit within an hour.
 */
function leakSeverity(count: number, several: number, limit: number, fullUs: number | undefined): Severity {
  if (count < several) return 'info';
  return count * 2 >= limit || (fullUs !== undefined && fullUs <= HOUR_US) ? 'critical' : 'warning';
}

function leakCertainty(group: CaseGroup, isBacklog: boolean, isOld: boolean): Certainty {
  const holed = group.number('holed');
  if (holed > 0) return possible(`of ${holed} segments were not captured, perhaps the FIN that ends it`);
  if (isBacklog) {
    if (group.number('in_backlog') * 2 > group.count) {
      return certain('the kernel says that no program has accepted them');
    }
    return group.number('passed_by') > 0
      ? possible('others were answered meanwhile')
      : likely('nobody was answered since');
  }
  if (group.number('closed') > 0) return likely('it closes others, and far sooner');
  return isOld
    ? likely('it has closed none, for long')
    : possible('it has closed none, but the capture ended soon');
}

function lateClose(db: Database, group: CaseGroup, context: Context): Conclusion {
  const { thresholds } = context;
  const { count } = group;
  const closed = group.number('closed');
  const wasted = group.number('wasted');
  const answered = group.number('answered');
  const isWanted = answered - wasted > count / 2;
  const isFrequent = count * 10 >= closed;
  // A pool of connections may notice late that the server has closed one: that costs nobody anything.
  const patience = isServer(group) ? thresholds['slow-answer'] : thresholds['close-wait-age'];
  // An answer that has begun may take as long as it likes.
  const isLong = group.number(isWanted ? 'answered_after_us' : 'average_us') >= patience * 1e6;
  const isTrouble = isLong || (isServer(group) && !isWanted);
  return {
    group,
    severity: isFrequent && isTrouble ? 'warning' : 'info',
    subject: endpointSubject(group),
    numbers: {
      closed_late: count,
      of: closed,
      late_by_average_us: group.number('average_us'),
      longest_us: group.number('longest_us'),
      sent_data_after_the_fin: ifAny(answered),
      began_to_send_after_us: answered > 0 ? group.number('answered_after_us') : undefined,
      to_a_peer_that_was_gone: ifAny(wasted),
    },
    advice: withPatience(
      group,
      adviceOn(db, group, isWanted ? 'half-close' : isServer(group) ? 'slow' : 'client'),
      context,
    ),
    certainty: lateCertainty(isWanted, wasted > 0),
  };
}

function lateCertainty(isWanted: boolean, isWasted: boolean): Certainty {
  if (isWanted) return certain('the peer took what was sent after its FIN');
  return isWasted ? certain('the peer refused what came after its FIN') : likely('they did end, late');
}

function isServer(group: CaseGroup): boolean {
  return group.text('endpoint') === 'server';
}

/** The same, with how long the clients of a server had waited for an answer before they closed. */
function withPatience(group: CaseGroup, advice: Advice, context: Context): Advice {
  if (!isServer(group)) return advice;
  const service = serviceKey(serviceOf(group));
  const vain = context.once(gaveUp).find(({ group: other }) => serviceKey(serviceOf(other)) === service);
  if (vain === undefined) return advice;
  const gone = `${counted(vain.group.count, 'client')} gave up after ${spreadText(vain.waited)} without an answer (client-gave-up).`;
  return { ...advice, cause: `${advice.cause} ${gone}` };
}
