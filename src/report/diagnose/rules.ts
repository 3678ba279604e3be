import { aborts } from './findings/aborts/aborts.ts';
import { backlogOverflow } from './findings/backlog-overflow/backlog-overflow.ts';
import { captureHoles } from './findings/capture-holes/capture-holes.ts';
import { clientGaveUp } from './findings/client-gave-up/client-gave-up.ts';
import { closeWaitLeak } from './findings/close-wait-leak/close-wait-leak.ts';
import { finRetransmitted } from './findings/fin-retransmitted/fin-retransmitted.ts';
import { finWait2Stuck } from './findings/fin-wait-2-stuck/fin-wait-2-stuck.ts';
import { halfOpen } from './findings/half-open/half-open.ts';
import { idleMiddlebox } from './findings/idle-middlebox/idle-middlebox.ts';
import { keepAliveRace } from './findings/keep-alive-race/keep-alive-race.ts';
import { lastAckLost } from './findings/last-ack-lost/last-ack-lost.ts';
import { openedLate } from './findings/opened-late/opened-late.ts';
import { peerGone } from './findings/peer-gone/peer-gone.ts';
import { portExhaustion } from './findings/port-exhaustion/port-exhaustion.ts';
import { refused } from './findings/refused/refused.ts';
import { serverHoldsTimeWait } from './findings/server-holds-time-wait/server-holds-time-wait.ts';
import { simultaneousClose } from './findings/simultaneous-close/simultaneous-close.ts';
import { synFlood } from './findings/syn-flood/syn-flood.ts';
import { synUnanswered } from './findings/syn-unanswered/syn-unanswered.ts';
import { timeWaitHarmless } from './findings/time-wait-harmless/time-wait-harmless.ts';
import { timeWaitPileUp } from './findings/time-wait-pile-up/time-wait-pile-up.ts';
import { timeWaitRefused } from './findings/time-wait-refused/time-wait-refused.ts';
import { timeWaitReuse } from './findings/time-wait-reuse/time-wait-reuse.ts';
import { twRecycleNat } from './findings/tw-recycle-nat/tw-recycle-nat.ts';
import { windowClosed } from './findings/window-closed/window-closed.ts';
import type { Rule } from './frame/rule.ts';

// A new finding takes: a folder in findings/ with its rule and its article (simultaneous-close is a short one to
// begin from), a line here, thresholds if it has some, unit tests, and a capture that shows it in captures/causes/
// (test/lab/scenarios/). test/report/diagnose/rules.test.ts names what is missing; `npm run docs` makes its page.

/** Every rule, in the order in which it is listed. */
export const RULES: readonly Rule[] = [
  closeWaitLeak,
  timeWaitPileUp,
  portExhaustion,
  timeWaitReuse,
  timeWaitRefused,
  twRecycleNat,
  serverHoldsTimeWait,
  finWait2Stuck,
  lastAckLost,
  finRetransmitted,
  simultaneousClose,
  keepAliveRace,
  clientGaveUp,
  aborts,
  idleMiddlebox,
  peerGone,
  halfOpen,
  backlogOverflow,
  synUnanswered,
  openedLate,
  synFlood,
  refused,
  windowClosed,
  timeWaitHarmless,
  captureHoles,
];
