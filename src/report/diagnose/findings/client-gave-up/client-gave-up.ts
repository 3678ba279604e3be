import { type GaveUp, gaveUp } from '../../family/gave-up/gave-up.ts';
import { MAY_HAVE_GIVEN_UP, SHORTEST_PATIENCE_US } from '../../family/gave-up/gave-up-cases.ts';
import { closeKind } from '../../frame/codes.ts';
import { type Certainty, type Conclusion, certain, likely, possible } from '../../frame/conclusion.ts';
import { connectionsOf } from '../../frame/connections.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { serviceOf, serviceSubject } from '../../frame/subjects.ts';
import { gaveUpAdvice } from './client-gave-up-advice.ts';

/** Connections that were neither refused nor left without an answer; those whose server sent something. */
const OPENED = `close_kind NOT IN (${closeKind('refused')}, ${closeKind('unanswered')})`;
const ANSWERED = 'server_bytes > 0';

/** Clients that close before the answer has come. */
export const clientGaveUp: Rule = {
  code: 'client-gave-up',
  title: 'clients that give up before the answer comes',
  looksFor:
    `A client closes, by FIN or RST, ${SHORTEST_PATIENCE_US / 1000} ms or more after its request, and has not got a byte ` +
    'of the answer, or gets it only after that.',
  thresholds: ['gave-up-count', 'gave-up-share'],
  candidates: MAY_HAVE_GIVEN_UP,
  worst: 'warning',
  find(db, context) {
    const several = context.thresholds['gave-up-count'];
    const all = context.once(gaveUp);
    const services = all.map(({ group }) => serviceOf(group));
    const opened = connectionsOf(db, services, OPENED);
    const answered = connectionsOf(db, services, ANSWERED);
    // A few that nobody answered may have wanted no answer.
    return all.flatMap((one, i) =>
      one.group.count < several && answered[i] === 0
        ? []
        : [conclude(one, opened[i]!, answered[i]!, context)],
    );
  },
};

function conclude(one: GaveUp, opened: number, answered: number, { thresholds }: Context): Conclusion {
  const { group, waited, isAtWork } = one;
  const { count } = group;
  const percent = (100 * count) / Math.max(opened, count);
  const isFrequent = count >= thresholds['gave-up-count'] && percent >= thresholds['gave-up-share'];
  const byRst = group.number('by_rst');
  // A service that never answers may be of a protocol that goes one way.
  const isAnswering = answered > 0 || byRst > 0;
  return {
    group,
    severity: isFrequent && isAnswering && !isAtWork ? 'warning' : 'info',
    subject: serviceSubject(group),
    numbers: {
      gave_up: count,
      of: Math.max(opened, count),
      share_percent: percent,
      shortest_wait_us: waited.shortestUs,
      median_wait_us: waited.medianUs,
      longest_wait_us: waited.longestUs,
      by_RST: ifAny(byRst),
      on_connections_in_use: ifAny(group.number('asked_later')),
      answered_too_late: ifAny(group.number('answered_late')),
      server_still_at_work: ifAny(group.number('at_work')),
      clients: group.number('clients'),
    },
    advice: gaveUpAdvice(one),
    certainty: certaintyOf(one, answered),
  };
}

function certaintyOf({ group, waited }: GaveUp, answered: number): Certainty {
  if (answered === 0) {
    return possible('nobody got a byte of this service: a protocol that never answers looks the same');
  }
  if (group.number('holed') > 0) return likely('of some connections segments were not captured');
  if (group.number('answered_late') === group.count)
    return certain('each answer came after the client had closed');
  return waited.areAlike
    ? likely('all of them after the same time, and others got their answers')
    : possible('the times differ: users who leave look the same');
}
