import { forgotten } from '../../family/forgotten/forgotten.ts';
import { timedOut } from '../../family/forgotten/timed-out.ts';
import { closeKind, resetEvidence } from '../../frame/codes.ts';
import type { Rule } from '../../frame/rule.ts';
import { concludeTimedOut } from './ended-by-a-timer.ts';
import { concludeForgotten } from './forgotten-on-the-way.ts';

const OUT_OF_THE_BLUE = (
  ['data-from-peer', 'no-data-from-peer', 'other-ttl', 'sender-went-on', 'no-socket'] as const
).map((evidence) => resetEvidence(evidence));

/** Firewalls, NATs and balancers forget connections that are silent for long, or end them. */
export const idleMiddlebox: Rule = {
  code: 'idle-middlebox',
  title: 'idle connections that something on the way forgets or ends',
  looksFor:
    'Connections whose first segment after a silence is answered by RST, or by nothing and sent again and again; ' +
    'several of one service, after silences that are alike or while others go on. And RSTs that nothing came before, ' +
    'after silences as long as a timer.',
  thresholds: ['forgotten-count', 'forgotten-share', 'unacknowledged-time'],
  candidates:
    `reset_evidence = ${resetEvidence('after-silence')} ` +
    `OR close_kind = ${closeKind('reset')} AND idle_before_close >= 4000000 ` +
    `AND reset_evidence IN (${OUT_OF_THE_BLUE.join(', ')}) ` +
    `OR close_kind IN (${closeKind('open')}, ${closeKind('half')}) AND last >= 5000000 ` +
    'AND max(client_retransmissions, server_retransmissions) >= 2',
  several: 'forgotten-count',
  find: (db, context) => [
    ...context
      .once(forgotten)
      .filter(({ isMiddlebox }) => isMiddlebox)
      .map((found) => concludeForgotten(found, context)),
    ...context.once(timedOut).map((found) => concludeTimedOut(found, db, context)),
  ],
};
