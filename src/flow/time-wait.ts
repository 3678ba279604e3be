import { factOf, REOPENED, RST_RECEIVED, SND_RST, TIMER } from './facts.ts';
import type { Flows } from './flows.ts';
import { enter, type Life } from './life.ts';
import { stateCode } from './machine.ts';
import { END_NUMBER_WIDTH, REARMED, REARMED_BY, RECYCLED, REPLACED_AT } from './table-layout.ts';
import { TIME_WAIT_ENDS, TIME_WAIT_EVIDENCE } from './words.ts';

// A capture does not see a TIME_WAIT end. This says what it proves, and what the profile expects.

/** What is known of one TIME_WAIT; durations in microseconds, NaN where nothing is known. */
export interface TimeWait {
  atLeastUs: number;
  atMostUs: number;
  expectedUs: number;
  /** Index in TIME_WAIT_ENDS. */
  endedBy: number;
  rearmed: number;
  /** Index in TIME_WAIT_EVIDENCE. */
  evidence: number;
}

const TIME_WAIT = stateCode('TIME_WAIT');
const CLOSED = stateCode('CLOSED');
const evidenceCode = (name: (typeof TIME_WAIT_EVIDENCE)[number]): number => TIME_WAIT_EVIDENCE.indexOf(name);
const endCode = (name: (typeof TIME_WAIT_ENDS)[number]): number => TIME_WAIT_ENDS.indexOf(name);

/**
 * Judges the TIME_WAIT in an endpoint's life and ends the life with it where it ended.
 * @param now how far the flow was watched, microseconds since the epoch
 * @param expectedUs TIME_WAIT's length by the profile
 */
export function judgeTimeWait(
  flows: Flows,
  me: number,
  life: Life,
  now: number,
  expectedUs: number,
  evicted: boolean,
): TimeWait {
  const entered = life.entered[TIME_WAIT]!;
  let rearmed = flows.get(me, REARMED);
  let rearmedBy = flows.get(me, REARMED_BY);
  const rst = factOf(flows.table, me, SND_RST);
  if (rst !== 0 && rearmedBy !== 0 && flows.trails.nextOf(rearmedBy) === rst) {
    // Its RST answers that segment: there was no TIME_WAIT left to start anew.
    rearmed--;
    rearmedBy = 0;
  }
  const proven = rearmedBy === 0 ? 0 : Math.max(0, flows.trails.atOf(rearmedBy) - entered);
  const due = entered + proven + expectedUs;
  const wait: TimeWait = {
    atLeastUs: proven,
    atMostUs: Number.NaN,
    expectedUs: proven + expectedUs,
    endedBy: endCode('expired'),
    rearmed,
    evidence: evidenceCode('profile'),
  };
  const reset = life.state === CLOSED ? life.entered[CLOSED]! : Number.POSITIVE_INFINITY;
  const reopenedAt = flows.table.endNumber[me * END_NUMBER_WIDTH + REPLACED_AT]!;
  // What started it anew behind the SYN, or while that was under way, shows that it still stood.
  const reopened = reopenedAt === 0 ? Number.POSITIVE_INFINITY : Math.max(reopenedAt, entered + proven);
  if (reopened < due && reopened <= reset) {
    endAt(life, reopened, REOPENED);
    wait.endedBy = endCode('reopened');
    wait.atMostUs = reopened - entered;
    const recycled = flows.has(me, RECYCLED);
    if (recycled) wait.atLeastUs = wait.atMostUs;
    wait.evidence = evidenceCode(recycled ? 'isn-65537' : 'syn-accepted');
  } else if (reset < due) {
    const killed = life.evidence[CLOSED] === RST_RECEIVED;
    wait.endedBy = endCode(killed ? 'reset' : 'refused');
    wait.atMostUs = reset - entered;
    // A segment that followed its RST has not started it anew.
    wait.atLeastUs = killed ? wait.atMostUs : Math.min(proven, wait.atMostUs);
    wait.evidence = evidenceCode(killed ? 'rst-received' : 'rst-sent');
  } else if (now >= due) {
    endAt(life, due, TIMER);
    if (rst !== 0) wait.atMostUs = reset - entered;
  } else {
    wait.endedBy = endCode(evicted ? 'evicted' : 'capture-end');
    wait.atLeastUs = Math.max(proven, now - entered);
    wait.evidence = evidenceCode('none');
  }
  return wait;
}

/** Ends a life with its TIME_WAIT, also where a later RST seemed to. */
function endAt(life: Life, at: number, evidence: number): void {
  life.state = TIME_WAIT;
  enter(life, CLOSED, at, Number.NaN, evidence);
}
