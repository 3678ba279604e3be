import { MAY_BE_RACE, MAY_CLOSE_IDLE, RACES } from '../../family/races/race-cases.ts';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { type Certainty, type Conclusion, certain, likely, possible } from '../../frame/conclusion.ts';
import { connectionsOf } from '../../frame/connections.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { spreadOf } from '../../frame/spread.ts';
import { SERVICE, serviceOf, serviceSubject } from '../../frame/subjects.ts';
import { raceAdvice } from './keep-alive-race-advice.ts';

const CASES: Cases = {
  sql: RACES,
  by: SERVICE,
  measures: {
    idle: 'json_group_array(idle_us)',
    gaps: 'json_group_array(gap_us)',
    crossed: "sum(way = 'crossed')",
    by_rst_alone: 'sum(gap_us IS NULL)',
    reset: "sum(coalesce(reset_by, '') = 'server')",
    holed: 'sum(missed > 0)',
    round_trip_us: 'min(round_trip_us)',
    clients: 'count(DISTINCT client_ip)',
  },
  marks: ['FIN', 'data crossing FIN', 'data after FIN', 'RST', 'FIN, ACK of FIN'],
};

/** The server closes an idle connection as, or before, the client uses it again: the commonest cause of a 502. */
export const keepAliveRace: Rule = {
  code: 'keep-alive-race',
  title: 'requests that meet the close of an idle connection, and are lost',
  looksFor:
    'The server closes a connection that was idle for ten round trips and 100 ms at least, and data of the client ' +
    'crosses its FIN, or comes after it, and is answered by RST.',
  thresholds: ['lost-request-count'],
  candidates: MAY_BE_RACE,
  worst: 'warning',
  find(db, context) {
    const groups = groupCases(db, CASES, {});
    const idle = connectionsOf(db, groups.map(serviceOf), MAY_CLOSE_IDLE);
    return groups.map((group, i) => conclude(group, idle[i]!, context));
  },
};

function conclude(group: CaseGroup, idleCloses: number, { thresholds }: Context): Conclusion {
  const { count } = group;
  const idle = spreadOf(numbersIn(group, 'idle'));
  const gaps = numbersIn(group, 'gaps');
  const gap = gaps.length === 0 ? undefined : spreadOf(gaps);
  const crossed = group.number('crossed');
  const reset = group.number('reset');
  return {
    group,
    severity: count >= thresholds['lost-request-count'] ? 'warning' : 'info',
    subject: serviceSubject(group),
    numbers: {
      lost_requests: count,
      crossed_the_close: ifAny(crossed),
      sent_after_the_close: ifAny(count - crossed),
      of_idle_closes: Math.max(idleCloses, count),
      shortest_idle_us: idle.shortestUs,
      median_idle_us: idle.medianUs,
      longest_idle_us: idle.longestUs,
      earliest_request_after_the_FIN_us: gap?.shortestUs,
      latest_request_after_the_FIN_us: gap?.longestUs,
      answered_by_RST: reset,
      no_answer_captured: ifAny(count - reset),
      closed_by_RST: ifAny(group.number('by_rst_alone')),
      shortest_round_trip_us: group.isNull('round_trip_us') ? undefined : group.number('round_trip_us'),
      clients: group.number('clients'),
    },
    advice: raceAdvice({ count, crossed, reset, idle, gap, service: serviceOf(group) }),
    certainty: certaintyOf(group, reset),
  };
}

/** Those of a measure that are known. */
function numbersIn(group: CaseGroup, measure: string): number[] {
  return (JSON.parse(group.text(measure)) as (number | null)[]).filter((n) => n !== null);
}

function certaintyOf(group: CaseGroup, reset: number): Certainty {
  const { count } = group;
  if (2 * reset < count) return possible('no answer to most of them was captured, neither an ACK nor an RST');
  if (reset < count) return likely(`the RST that refuses it was captured of ${reset}`);
  const holed = group.number('holed');
  return holed > 0
    ? likely(`the server refused each by RST, but of ${holed} connections segments were not captured`)
    : certain('the server had closed, and refused each by RST');
}
