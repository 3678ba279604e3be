import type { Database } from 'better-sqlite3';
import type { Conclusion } from './conclusion.ts';
import type { Severity } from './finding.ts';
import type { SysctlBook } from './sysctl.ts';
import type { ThresholdName, Thresholds } from './thresholds.ts';

/** What rules know beside the flows. */
export interface Context {
  /** Each in its own unit. */
  thresholds: Thresholds;
  /** Settings of the hosts, as given, else Linux's defaults. */
  sysctls: SysctlBook;
  /** What several rules look at: read for the first that asks, and kept for the others. */
  once<T>(read: (db: Database, context: Context) => T): T;
}

/** Looks for one kind of trouble. Its findings get the code and what was counted from findingOf(). */
export interface Rule {
  /** `close-wait-leak`: its findings' code, and its folder's name. */
  code: string;
  /** One line. */
  title: string;
  /** One sentence: the pattern in the packets. */
  looksFor: string;
  /** Those that it uses. */
  thresholds: readonly ThresholdName[];
  /**
   * A condition on flow_data that the flows of each finding meet: if none does, `find` is not asked. The
   * conditions of all rules are evaluated in one pass over the flows. Thresholds are parameters:
   * `:slow_close` for slow-close.
   */
  candidates: string;
  /** The threshold for how many have to meet it; without it one. */
  several?: ThresholdName;
  /** The worst that its findings are; without it critical. */
  worst?: Severity;
  find(db: Database, context: Context): Conclusion[];
}
