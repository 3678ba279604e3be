import { columnIndex } from '../format/columns.ts';
import { code } from '../format/word-table.ts';
import { STATES, TIME_WAIT_ENDS, TIME_WAIT_EVIDENCE } from '../format/words.ts';
import { factOf, REOPENED, RST_RECEIVED, SND_RST, TIMER } from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import { END_NUMBER_WIDTH, REARMED, REARMED_BY, RECYCLED, REPLACED_AT } from '../table/table-layout.ts';
import type { Profile } from './profile.ts';
import { closedEvidence, setClosed, stateTimesOf } from './state-row.ts';

// No packet shows the end of a TIME_WAIT. This says what a capture proves of it, and what the profile expects.
// When it was entered and re-armed: follow/time-wait.ts.

/** Indexes in a row, of the client; the server's are `+ 1`. */
const STATE = columnIndex('client_state');
const AT_LEAST = columnIndex('client_time_wait_at_least');
const AT_MOST = columnIndex('client_time_wait_at_most');
const EXPECTED = columnIndex('client_time_wait_expected');
const ENDED_BY = columnIndex('client_time_wait_ended_by');
const EVIDENCE = columnIndex('client_time_wait_evidence');
const PROFILE = columnIndex('client_time_wait_profile');
const PROFILE_EVIDENCE = columnIndex('client_time_wait_profile_evidence');
const TIMES_REARMED = columnIndex('client_time_wait_rearmed');

const TIME_WAIT = code(STATES, 'TIME_WAIT');
const CLOSED = code(STATES, 'CLOSED');

const BY_SUCCESSOR = code(TIME_WAIT_ENDS, 'reopened');
const BY_RESET = code(TIME_WAIT_ENDS, 'reset');
const REFUSED = code(TIME_WAIT_ENDS, 'refused');
const EXPIRED = code(TIME_WAIT_ENDS, 'expired');
const CAPTURE_END = code(TIME_WAIT_ENDS, 'capture-end');
const EVICTED = code(TIME_WAIT_ENDS, 'evicted');

const NOTHING = code(TIME_WAIT_EVIDENCE, 'none');
const BY_PROFILE = code(TIME_WAIT_EVIDENCE, 'profile');
const SYN_ACCEPTED = code(TIME_WAIT_EVIDENCE, 'syn-accepted');
const ISN_65537 = code(TIME_WAIT_EVIDENCE, 'isn-65537');
const KILLED = code(TIME_WAIT_EVIDENCE, 'rst-received');
const ANSWERED = code(TIME_WAIT_EVIDENCE, 'rst-sent');

/**
 * Judges how and when the TIME_WAIT of an endpoint ended, if it has had one, and writes that into the row
 * at index `r`, of which these columns must be NaN. If it ended, the endpoint enters CLOSED then.
 * @param now how far the flow was watched, microseconds since its `first`
 */
export function judgeTimeWait(
  flows: Flows,
  me: number,
  rows: Float64Array,
  r: number,
  first: number,
  now: number,
  evicted: boolean,
  profile: Profile,
): void {
  const t = stateTimesOf(r, me & 1);
  const entered = rows[t + TIME_WAIT]!;
  if (Number.isNaN(entered)) return;
  const column = r + (me & 1);
  let rearmed = flows.get(me, REARMED);
  let rearmedBy = flows.get(me, REARMED_BY);
  const rst = factOf(flows.table, me, SND_RST);
  if (rst !== 0 && rearmedBy !== 0 && flows.trails.nextOf(rearmedBy) === rst) {
    // Its RST answers that segment: there was no TIME_WAIT left to re-arm.
    rearmed--;
    rearmedBy = 0;
  }
  const proven = rearmedBy === 0 ? 0 : Math.max(0, flows.trails.atOf(rearmedBy) - first - entered);
  const due = entered + proven + profile.lengthUs;
  const isClosed = rows[column + STATE] === CLOSED;
  const reset = isClosed ? rows[t + CLOSED]! : Number.POSITIVE_INFINITY;
  const replacedAt = flows.table.endNumber[me * END_NUMBER_WIDTH + REPLACED_AT]!;
  // A segment that re-armed it after the SYN, or while the SYN was in flight, shows that it still existed.
  const reopened =
    replacedAt === 0 ? Number.POSITIVE_INFINITY : Math.max(replacedAt - first, entered + proven);
  let atLeast = proven;
  let atMost = Number.NaN;
  let endedBy = EXPIRED;
  let evidence = BY_PROFILE;
  if (reopened < due && reopened <= reset) {
    setClosed(rows, t, reopened, REOPENED);
    rows[column + STATE] = CLOSED;
    endedBy = BY_SUCCESSOR;
    atMost = reopened - entered;
    const recycled = flows.has(me, RECYCLED);
    if (recycled) atLeast = atMost;
    evidence = recycled ? ISN_65537 : SYN_ACCEPTED;
  } else if (reset < due) {
    const killed = closedEvidence(rows, t) === RST_RECEIVED;
    endedBy = killed ? BY_RESET : REFUSED;
    atMost = reset - entered;
    // A segment that followed its RST has not re-armed it.
    atLeast = killed ? atMost : Math.min(proven, atMost);
    evidence = killed ? KILLED : ANSWERED;
  } else if (now >= due) {
    // Also if a later RST seemed to end it.
    setClosed(rows, t, due, TIMER);
    rows[column + STATE] = CLOSED;
    if (rst !== 0) atMost = reset - entered;
  } else {
    endedBy = evicted ? EVICTED : CAPTURE_END;
    atLeast = Math.max(proven, now - entered);
    evidence = NOTHING;
  }
  rows[column + AT_LEAST] = atLeast;
  rows[column + AT_MOST] = atMost;
  rows[column + EXPECTED] = proven + profile.lengthUs;
  rows[column + ENDED_BY] = endedBy;
  rows[column + EVIDENCE] = evidence;
  rows[column + PROFILE] = profile.name;
  rows[column + PROFILE_EVIDENCE] = profile.evidence;
  rows[column + TIMES_REARMED] = rearmed;
}
