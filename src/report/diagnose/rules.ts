import type { Rule } from './rule.ts';
import { closeWaitLeak } from './rules/close-wait-leak.ts';

/** Every rule, in the order in which it is listed. */
export const RULES: readonly Rule[] = [closeWaitLeak];
