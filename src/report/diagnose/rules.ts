import type { Rule } from './rule.ts';
import { aborts } from './rules/aborts.ts';
import { backlogOverflow } from './rules/backlog-overflow.ts';
import { closeWaitLeak } from './rules/close-wait-leak.ts';
import { finRetransmitted } from './rules/fin-retransmitted.ts';
import { finWait2Stuck } from './rules/fin-wait-2-stuck.ts';
import { halfOpen } from './rules/half-open.ts';
import { idleMiddlebox } from './rules/idle-middlebox.ts';
import { lastAckLost } from './rules/last-ack-lost.ts';
import { portExhaustion } from './rules/port-exhaustion.ts';
import { refused } from './rules/refused.ts';
import { serverHoldsTimeWait } from './rules/server-holds-time-wait.ts';
import { simultaneousClose } from './rules/simultaneous-close.ts';
import { synUnanswered } from './rules/syn-unanswered.ts';
import { timeWaitPileUp } from './rules/time-wait-pile-up.ts';
import { timeWaitRefused } from './rules/time-wait-refused.ts';
import { timeWaitReuse } from './rules/time-wait-reuse.ts';
import { twRecycleNat } from './rules/tw-recycle-nat.ts';

// A new finding takes: its rule in rules/ (simultaneous-close.ts is a short one to begin from), a line here,
// the article of its code in articles/, thresholds where it has some, and a capture that shows it in
// captures/causes/ (scripts/lab/scenarios/). `npm run docs` makes its page.

/** Every rule, in the order in which it is listed. */
export const RULES: readonly Rule[] = [
  closeWaitLeak,
  timeWaitPileUp,
  portExhaustion,
  timeWaitReuse,
  timeWaitRefused,
  twRecycleNat,
  serverHoldsTimeWait,
  finWait2Stuck,
  lastAckLost,
  finRetransmitted,
  simultaneousClose,
  aborts,
  idleMiddlebox,
  halfOpen,
  backlogOverflow,
  synUnanswered,
  refused,
];
