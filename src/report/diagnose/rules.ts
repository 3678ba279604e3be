import type { Rule } from './rule.ts';
import { closeWaitLeak } from './rules/close-wait-leak.ts';
import { finRetransmitted } from './rules/fin-retransmitted.ts';
import { finWait2Stuck } from './rules/fin-wait-2-stuck.ts';
import { lastAckLost } from './rules/last-ack-lost.ts';
import { portExhaustion } from './rules/port-exhaustion.ts';
import { serverHoldsTimeWait } from './rules/server-holds-time-wait.ts';
import { simultaneousClose } from './rules/simultaneous-close.ts';
import { timeWaitPileUp } from './rules/time-wait-pile-up.ts';
import { timeWaitRefused } from './rules/time-wait-refused.ts';
import { timeWaitReuse } from './rules/time-wait-reuse.ts';
import { twRecycleNat } from './rules/tw-recycle-nat.ts';

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
];
