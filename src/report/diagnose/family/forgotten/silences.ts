import { percentile } from '../../frame/spread.ts';

// Whether silences tell of a timer.

/** Silences are alike if their 75th percentile is at most this many times their 10th percentile. */
const ALIKE = 1.5;

/** A timer's lengths lie within a tenth of each other, or within a second: some look at their table only that often. */
const TIMER_SPREAD = 0.1;
const TIMER_TICK_US = 1e6;

/**
 * Connections that were used again only after a timer had forgotten them: no silence is shorter than it.
 * @param silences the shortest first
 */
export function areAlike(silences: readonly number[]): boolean {
  return percentile(silences, 0.75) <= ALIKE * percentile(silences, 0.1);
}

/**
 * Connections that a timer ended by itself: each silence is as long as it.
 * @param silences the shortest first
 */
export function isTimer(silences: readonly number[]): boolean {
  const spread = percentile(silences, 0.9) - percentile(silences, 0.1);
  return spread <= Math.max(TIMER_SPREAD * percentile(silences, 0.5), TIMER_TICK_US);
}
