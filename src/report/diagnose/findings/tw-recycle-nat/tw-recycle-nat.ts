import { backwardTimestamps, SYN_IN_VAIN } from '../../family/openings/backward-timestamps.ts';
import type { CaseGroup } from '../../frame/cases.ts';
import { type Advice, type Conclusion, likely } from '../../frame/conclusion.ts';
import type { Rule } from '../../frame/rule.ts';
import { pairSubject } from '../../frame/subjects.ts';

const ADVICE: Advice = {
  title: 'SYNs with older timestamps are dropped: tcp_tw_recycle, and clients behind NAT',
  cause:
    'Several hosts share this source address (NAT, a proxy), each with a clock of its own for its TCP timestamps. ' +
    'The server keeps one timestamp for the address and drops every SYN that is older, as for a late segment ' +
    '(PAWS for each host instead of each connection). So those whose clock is ahead get in, and the others ' +
    'time out. net.ipv4.tcp_tw_recycle = 1 does that in Linux before 4.12; a filter or a balancer may, too.',
  remedies: [
    'Set net.ipv4.tcp_tw_recycle = 0 on the server, at once: it takes effect without a restart.',
    'Where it is 0 or unknown: look for the same check in whatever stands before the server.',
    'Until then, net.ipv4.tcp_timestamps = 0 on the server ends it too, but takes away PAWS and the measuring ' +
      'of round trips.',
  ],
  notToDo: [
    'Never turn tcp_tw_recycle on, against TIME_WAIT or for any other reason. tcp_tw_reuse on the connecting host ' +
      'is another thing, and safe.',
    'A longer backlog, more SYN retries or a bigger server: the SYNs arrive, and are dropped on purpose.',
  ],
};

/** A server that takes all hosts behind a NAT for one, and drops SYNs by their timestamps. */
export const twRecycleNat: Rule = {
  code: 'tw-recycle-nat',
  title: 'a per-host check of timestamps drops SYNs of clients behind NAT (tcp_tw_recycle)',
  looksFor:
    'SYNs of one source address: those whose TSval is older than that of one answered within the minute before ' +
    'stay without an answer, the others are answered.',
  thresholds: ['close-trouble-count'],
  candidates: SYN_IN_VAIN,
  several: 'close-trouble-count',
  find: (_, context) => context.once(backwardTimestamps).map(conclude),
};

function conclude(group: CaseGroup): Conclusion {
  return {
    group,
    severity: 'critical',
    subject: pairSubject(group),
    numbers: {
      unanswered_with_older_timestamp: group.count,
      answered_with_older_timestamp: group.number('back_answered'),
      answered_with_newer_timestamp: group.number('forth_answered'),
      unanswered_with_newer_timestamp: group.number('forth_unanswered'),
      behind_by_ticks: group.number('behind'),
    },
    advice: ADVICE,
    certainty: likely('whether a SYN was answered goes by its timestamp'),
  };
}
