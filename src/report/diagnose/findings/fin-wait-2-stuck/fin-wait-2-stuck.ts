import { code } from '../../../../flow/format/word-table.ts';
import { ENDPOINTS, STATES } from '../../../../flow/format/words.ts';
import { SHORTEST_FIN_WAIT_2_US } from '../../family/fin-refused/fin-refused-cases.ts';
import { closeKind, resetKind } from '../../frame/codes.ts';
import { type Certainty, type Conclusion, certain, likely, possible } from '../../frame/conclusion.ts';
import { type Frequent, frequentPairs, shareNumbers } from '../../frame/frequent.ts';
import { settingDuration } from '../../frame/number-text.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { type Setting, whose } from '../../frame/sysctl.ts';
import { HELD, ORPHANED, SILENT } from './fin-wait-2-advice.ts';
import { ENTERED, ORPHANS, STANDING } from './fin-wait-2-cases.ts';

/** An end that has closed waits in FIN_WAIT_2 for a FIN that does not come. */
export const finWait2Stuck: Rule = {
  code: 'fin-wait-2-stuck',
  title: 'the end that closed first waits in FIN_WAIT_2 for a FIN that does not come',
  looksFor:
    'FIN_WAIT_2 that lasts. An RST without ACK in answer to a late FIN proves an orphan: the program had closed, ' +
    'and the kernel gave up after tcp_fin_timeout. One that still answers after that is held by a program which ' +
    'called shutdown() without close().',
  thresholds: ['fin-wait-2-age', 'fin-wait-2-share', 'close-trouble-count'],
  candidates: ENDPOINTS.map(
    (end) =>
      `close_kind = ${closeKind('fin-reset')} AND closed_first = reset_by AND ` +
      `reset_kind <> ${resetKind('data-after-close')} AND ` +
      `close_ended - ${end}_fin_wait_2 >= ${SHORTEST_FIN_WAIT_2_US} OR ` +
      `${end}_state = ${code(STATES, 'FIN_WAIT_2')} AND observed - ${end}_fin_wait_2 >= 1e6 * :fin_wait_2_age`,
  ).join(' OR '),
  several: 'close-trouble-count',
  find(db, context) {
    const { thresholds } = context;
    const measure = {
      several: thresholds['close-trouble-count'],
      percent: thresholds['fin-wait-2-share'],
      whole: ENTERED,
      side: 'endpoint',
    };
    const values = { orphan_us: SHORTEST_FIN_WAIT_2_US, age_us: thresholds['fin-wait-2-age'] * 1e6 };
    return [
      ...frequentPairs(db, ORPHANS, values, measure).map((one) => orphaned(one, context)),
      ...frequentPairs(db, STANDING, values, measure).map((one) => standing(one, context)),
    ];
  },
};

function orphaned(frequent: Frequent, { sysctls }: Context): Conclusion {
  const { group, subject } = frequent;
  const soonestUs = group.number('soonest_us');
  const timeout = sysctls.of(group.text('holder'), 'tcp_fin_timeout');
  const timeoutUs = (timeout.value ?? 0) * 1e6;
  const known = `tcp_fin_timeout is ${timeout.value} s (${whose(timeout)})`;
  const isInTime = soonestUs >= 0.9 * timeoutUs;
  const when = isInTime
    ? `Here ${known}, and no FIN came sooner.`
    : `Here the first of them was gone within ${settingDuration(soonestUs)}, though ${known}: it was set lower, or the ` +
      'program did so for its sockets (TCP_LINGER2), or it is no Linux.';
  return {
    group,
    severity: 'warning',
    subject,
    numbers: {
      orphans_gone: group.count,
      ...shareNumbers(frequent),
      gone_after_at_most_us: soonestUs,
      latest_fin_after_us: group.number('latest_us'),
      tcp_fin_timeout_us: timeoutUs,
    },
    advice: { ...ORPHANED, cause: `${ORPHANED.cause} ${when}` },
    certainty: certain('an RST without ACK answered the FIN: no socket was left'),
  };
}

function standing(frequent: Frequent, { sysctls }: Context): Conclusion {
  const { group, subject } = frequent;
  const alive = group.number('alive');
  const oldestUs = group.number('oldest_us');
  const timeout = sysctls.of(group.text('holder'), 'tcp_fin_timeout');
  const timeoutUs = (timeout.value ?? 0) * 1e6;
  const isHeld = 2 * alive > group.count && oldestUs >= timeoutUs;
  return {
    group,
    severity: isHeld ? 'warning' : 'info',
    subject,
    numbers: {
      standing: group.count,
      ...shareNumbers(frequent),
      oldest_us: oldestUs,
      still_answering: alive,
      tcp_fin_timeout_us: timeoutUs,
    },
    advice: isHeld ? HELD : SILENT,
    certainty: isHeld
      ? heldCertainty(timeout)
      : possible('nothing came for them after tcp_fin_timeout, to which they could have answered'),
  };
}

function heldCertainty(timeout: Setting): Certainty {
  const reason = `they answered when orphans are gone: ${whose(timeout)} tcp_fin_timeout is ${timeout.value} s`;
  return timeout.isGiven ? certain(reason) : likely(reason);
}
