import type { Thresholds } from './thresholds.ts';

/** Thresholds as SQL takes them: `close-wait-age` is `:close_wait_age`. */
export function parametersOf(thresholds: Thresholds): Record<string, number> {
  return Object.fromEntries(
    Object.entries(thresholds).map(([name, value]) => [name.replaceAll('-', '_'), value]),
  );
}
