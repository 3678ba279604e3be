import type { Database } from 'better-sqlite3';
import type { Finding, Severity } from './finding.ts';
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

/** Looks for one kind of trouble. */
export interface Rule {
  /** `close-wait-leak`; the article of that name explains it. */
  code: string;
  /** One line. */
  title: string;
  /** One sentence: the pattern in the packets. */
  looksFor: string;
  /** Those it goes by. */
  thresholds: readonly ThresholdName[];
  /**
   * A condition on flow_data that the flows of each finding meet: where none does, `find` is not asked. It
   * is looked at together with those of all rules, in one pass over the flows. Thresholds are parameters:
   * `:slow_close` for slow-close.
   */
  candidates: string;
  /** So many have to meet it; without it one. */
  several?: ThresholdName;
  /** The worst that its findings are; without it critical. */
  worst?: Severity;
  find(db: Database, context: Context): Finding[];
}
