import { code } from '../../../../flow/format/word-table.ts';
import { ENDPOINTS, STATES } from '../../../../flow/format/words.ts';
import { SHORTEST_FIN_WAIT_2_US } from '../../family/fin-refused/fin-refused-cases.ts';
import { closeKind, resetKind } from '../../frame/codes.ts';
import type { Finding } from '../../frame/finding.ts';
import { type Frequent, frequentPairs } from '../../frame/frequent.ts';
import { longDuration } from '../../frame/number-text.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { whose } from '../../frame/sysctl.ts';
import { HELD, ORPHANED, SILENT } from './fin-wait-2-advice.ts';
import { ENTERED, ORPHANS, STANDING } from './fin-wait-2-cases.ts';

const CODE = 'fin-wait-2-stuck';

/** An end that has closed waits in FIN_WAIT_2 for a FIN that does not come. */
export const finWait2Stuck: Rule = {
  code: CODE,
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

type Told = Omit<
  Finding,
  'title' | 'cause' | 'remedies' | 'notToDo' | 'confidence' | 'confidenceReason' | 'evidence'
>;

function told({ group, subject }: Frequent, severity: Finding['severity']): Told {
  return {
    code: CODE,
    severity,
    subject,
    count: group.count,
    sinceUs: group.sinceUs,
    untilUs: group.untilUs,
  };
}

function orphaned(frequent: Frequent, { sysctls }: Context): Finding {
  const { group, whole, percent } = frequent;
  const [soonestUs, latestUs] = [group.number('soonest_us'), group.number('latest_us')];
  const timeout = sysctls.of(group.text('holder'), 'tcp_fin_timeout');
  const timeoutUs = (timeout.value ?? 0) * 1e6;
  const known = `tcp_fin_timeout is ${timeout.value} s (${whose(timeout)})`;
  const isInTime = soonestUs >= 0.9 * timeoutUs;
  return {
    ...ORPHANED,
    ...told(frequent, 'warning'),
    evidence: group.evidence({
      orphans_gone: group.count,
      of: whole,
      share_percent: percent,
      gone_after_at_most_us: soonestUs,
      latest_fin_after_us: latestUs,
      tcp_fin_timeout_us: timeoutUs,
    }),
    cause: `${ORPHANED.cause} ${
      isInTime
        ? `Here ${known}, and no FIN came sooner.`
        : `Here the first of them was gone within ${longDuration(soonestUs)}, though ${known}: it was set lower, or the ` +
          'program did so for its sockets (TCP_LINGER2), or it is no Linux.'
    }`,
    confidence: 'certain',
    confidenceReason: 'an RST without ACK answered the FIN: no socket was left',
  };
}

function standing(frequent: Frequent, { sysctls }: Context): Finding {
  const { group, whole, percent } = frequent;
  const alive = group.number('alive');
  const oldestUs = group.number('oldest_us');
  const timeout = sysctls.of(group.text('holder'), 'tcp_fin_timeout');
  const timeoutUs = (timeout.value ?? 0) * 1e6;
  const isHeld = 2 * alive > group.count && oldestUs >= timeoutUs;
  return {
    ...(isHeld ? HELD : SILENT),
    ...told(frequent, isHeld ? 'warning' : 'info'),
    evidence: group.evidence({
      standing: group.count,
      of: whole,
      share_percent: percent,
      oldest_us: oldestUs,
      still_answering: alive,
      tcp_fin_timeout_us: timeoutUs,
    }),
    confidence: !isHeld ? 'possible' : timeout.isGiven ? 'certain' : 'likely',
    confidenceReason: isHeld
      ? `they answered when orphans are gone: ${whose(timeout)} tcp_fin_timeout is ${timeout.value} s`
      : 'nothing came for them after tcp_fin_timeout, to which they could have answered',
  };
}
