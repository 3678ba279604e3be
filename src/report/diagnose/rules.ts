import type { Rule } from './rule.ts';
import { closeWaitLeak } from './rules/close-wait-leak.ts';
import { portExhaustion } from './rules/port-exhaustion.ts';
import { timeWaitPileUp } from './rules/time-wait-pile-up.ts';

/** Every rule, in the order in which it is listed. */
export const RULES: readonly Rule[] = [closeWaitLeak, timeWaitPileUp, portExhaustion];
