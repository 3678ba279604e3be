import type { Database } from 'better-sqlite3';
import type { Finding } from './finding.ts';
import type { SysctlBook } from './sysctl.ts';
import type { ThresholdName, Thresholds } from './thresholds.ts';

/** What rules know beside the flows. */
export interface Context {
  /** Each in its own unit. */
  thresholds: Thresholds;
  /** Settings of the hosts, as given, else Linux's defaults. */
  sysctls: SysctlBook;
  /** The first and the last packet of all captures, microseconds since the epoch. */
  firstUs: number;
  lastUs: number;
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
   * A condition on flow_data that at least one flow of each finding meets: where no flow does, `find` is
   * not asked. It is looked at together with those of all rules, in one pass over the flows. Thresholds are
   * parameters: `:slow_close` for slow-close.
   */
  candidates: string;
  find(db: Database, context: Context): Finding[];
}
