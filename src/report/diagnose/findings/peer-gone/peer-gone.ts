import { behindMiddlebox } from '../../family/forgotten/forgotten.ts';
import { type Answers, answersSince } from '../../family/forgotten/host-answers.ts';
import { type CaseGroup, groupCases } from '../../frame/cases.ts';
import { closeKind, resetEvidence } from '../../frame/codes.ts';
import { type Certainty, type Conclusion, likely, possible } from '../../frame/conclusion.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { clientsBeside } from './clients-of-services.ts';
import { adviceOn, type How } from './peer-gone-advice.ts';
import { GONE } from './peer-gone-cases.ts';

/** Kinds of ends of connections whose sender still waits, or has given up. */
const LEFT_OPEN = (['open', 'half', 'reset', 'fin-reset', 'fin-unacked'] as const).map((kind) =>
  closeKind(kind),
);

/** A host that vanishes amid work: nothing of it comes any more, and what is sent to it is sent again and again. */
export const peerGone: Rule = {
  code: 'peer-gone',
  title: 'the peer vanished: nothing acknowledges what is sent to it',
  looksFor:
    'Data, or keep-alives, sent three times and more while nothing came of the peer any more, in several connections ' +
    'of one host; and whether it answers new connections.',
  thresholds: ['forgotten-count', 'forgotten-share', 'unacknowledged-time'],
  candidates:
    `reset_evidence = ${resetEvidence('probes-unanswered')} ` +
    `OR close_kind IN (${LEFT_OPEN.join(', ')}) AND last >= :unacknowledged_time * 1000000 ` +
    'AND max(client_retransmissions, server_retransmissions) >= 2 ' +
    `OR close_kind = ${closeKind('open')} AND last >= :unacknowledged_time * 1000000 ` +
    'AND max(client_segments, server_segments) >= 3',
  several: 'forgotten-count',
  worst: 'warning',
  find(db, context) {
    const { thresholds } = context;
    const groups = groupCases(
      db,
      { ...GONE, having: 'count >= :several' },
      {
        several: thresholds['forgotten-count'],
        unacknowledged_us: thresholds['unacknowledged-time'] * 1e6,
        middlebox: behindMiddlebox(context),
      },
    );
    const answers = answersSince(
      db,
      groups.map((group) => ({ ip: group.text('ip'), sinceUs: group.sinceUs })),
    );
    const clients = clientsBeside(
      db,
      groups.filter((group) => group.text('side') === 'client').map((group) => group.text('ip')),
    );
    return groups.map((group, i) =>
      conclude(group, answers[i]!, isOrdinary(group, clients.get(group.text('ip')) ?? 1, context)),
    );
  },
};

function conclude(group: CaseGroup, answers: Answers, isInfo: boolean): Conclusion {
  const { count } = group;
  const keepAlives = group.number('keep_alives');
  const how = howOf(answers);
  return {
    group,
    severity: isInfo ? 'info' : 'warning',
    subject: group.text('ip'),
    numbers: {
      connections: count,
      with_data: ifAny(count - keepAlives),
      with_keep_alives: ifAny(keepAlives),
      first_unanswered_within_us: group.number('last_since_us') - group.sinceUs,
      tried_for_up_to_us: group.number('tried_us'),
      sent_again_at_most: group.number('most_again'),
      new_connections_unanswered: answers.unanswered,
      new_connections_opened: answers.opened,
      peers: group.number('peers'),
      icmp_errors: ifAny(group.number('icmp')),
      older_than_the_capture: ifAny(group.number('unknown_before')),
    },
    advice: adviceOn(group, how, answers),
    certainty: certaintyOf(group, how),
  };
}

function howOf({ opened, unanswered }: Answers): How {
  if (opened > 0) return 'answers new ones';
  return unanswered > 0 ? 'answers nobody' : 'nobody asked';
}

/** Phones and laptops leave a service with many clients every day. */
function isOrdinary(group: CaseGroup, clients: number, { thresholds }: Context): boolean {
  return group.text('side') === 'client' && 100 < thresholds['forgotten-share'] * clients;
}

function certaintyOf(group: CaseGroup, how: How): Certainty {
  if (group.number('never_heard') > 0) {
    return possible('of some nothing of the peer was captured: that they got an answer before is not known');
  }
  if (how === 'answers new ones') {
    return possible('new connections are opened, and packets do not show where the old ones end');
  }
  return likely(
    how === 'answers nobody'
      ? 'nothing came of the host any more, not even for new connections'
      : 'nothing came any more, however often it was sent again',
  );
}
