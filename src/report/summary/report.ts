import type { Database } from 'better-sqlite3';
import type { TIME_WAIT_ENDS } from '../../flow/format/words.ts';
import { scanFlows } from './flow-scan.ts';
import { type Distribution, distribution } from './histogram.ts';
import {
  CloseTimes,
  PortCloses,
  type PortCount,
  type ResetCount,
  Resets,
  TimeWaitEnds,
} from './report-parts.ts';
import { type Summary, SummaryTally } from './summary.ts';
import { type Standing, type WaitingState, Waits } from './waits.ts';
import type { WordCounts } from './word-counts.ts';

/** What lasted: a state of an end, or a whole close, from its first FIN until both ends were done. */
export type Lasting = WaitingState | 'close';

/** How long something lasted where that is known; those that had not ended are counted apart. */
export interface Lasted extends Distribution {
  of: Lasting;
  notEnded: { count: number; longestUs: number };
}

/** All that `finwait report` prints. */
export interface Report {
  summary: Summary;
  finWait2s: Standing;
  lastAcks: Standing;
  timeWaitEnds: WordCounts<(typeof TIME_WAIT_ENDS)[number]>;
  lasted: Lasted[];
  resets: ResetCount[];
  /** Server ports in all, and those with the most flows. */
  ports: { count: number; top: PortCount[] };
}

/** Reads the report from a finwait database, with the `top` largest holders and ports one by one. */
export function readReport(db: Database, top: number): Report {
  const tally = new SummaryTally();
  const finWait2s = new Waits('FIN_WAIT_2');
  const lastAcks = new Waits('LAST_ACK');
  const closes = new CloseTimes();
  const timeWaitEnds = new TimeWaitEnds();
  const resets = new Resets();
  const ports = new PortCloses();
  scanFlows(db, [...tally.parts, finWait2s, lastAcks, closes, timeWaitEnds, resets, ports]);
  const lasted = (of: Lasting, { ended }: Waits | CloseTimes, { count, longestUs }: Lasted['notEnded']) => ({
    of,
    ...distribution(ended.sorted()),
    notEnded: { count, longestUs },
  });
  const report = {
    summary: tally.summary(db, top),
    finWait2s: finWait2s.standing(db, top),
    lastAcks: lastAcks.standing(db, top),
  };
  return {
    ...report,
    timeWaitEnds: timeWaitEnds.counts(),
    lasted: [
      lasted('close', closes, closes.notEnded),
      lasted('CLOSE_WAIT', tally.closeWaits, report.summary.closeWaits),
      lasted('FIN_WAIT_2', finWait2s, report.finWait2s),
      lasted('LAST_ACK', lastAcks, report.lastAcks),
      lasted('TIME_WAIT', tally.timeWaits, report.summary.timeWaits),
    ],
    resets: resets.counts(),
    ports: ports.counts(top),
  };
}
