import { count, duration } from '../../../units.ts';
import { NOT_TO_DO, REMEDIES, stackNote } from '../../family/client-time-waits/time-wait-advice.ts';
import {
  CLIENT_TIME_WAITS,
  groupBusyClients,
  MARKS,
  MEASURES,
  type Pace,
  paceOf,
} from '../../family/client-time-waits/time-wait-cases.ts';
import type { CaseGroup, Cases } from '../../frame/cases.ts';
import { type Certainty, type Conclusion, certain, likely, possible } from '../../frame/conclusion.ts';
import { rateNumber, settingDuration } from '../../frame/number-text.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { SERVICE_KEY } from '../../frame/subjects.ts';

const CASES: Cases = {
  sql: CLIENT_TIME_WAITS,
  by: ['client_ip'],
  measures: { ...MEASURES, servers: `count(DISTINCT ${SERVICE_KEY})` },
  having: 'count >= :closes',
  marks: MARKS,
};

/** A forecast from less than that is no more than possible. */
const WELL_WATCHED_US = 10_000_000;
/** The share of tcp_max_tw_buckets that makes a pile-up, if that setting is known. */
const NEARLY_FULL = 0.8;

/** A client that closes so often that its TIME_WAITs stand by the thousand. Servers: server-holds-time-wait. */
export const timeWaitPileUp: Rule = {
  code: 'time-wait-pile-up',
  title: 'TIME_WAITs of a client that closes its connections at a high rate',
  looksFor:
    'Closes by one client times the length of TIME_WAIT: what stands at once, seen or, in a capture that is ' +
    'shorter than TIME_WAIT, to come.',
  thresholds: ['time-wait-standing', 'time-wait-closes'],
  candidates: 'client_time_wait IS NOT NULL',
  several: 'time-wait-closes',
  find: (db, context) =>
    groupBusyClients(db, CASES, context, ({ ip, most }) => most >= leastOf(ip, context)).flatMap((group) =>
      pileUp(group, context),
    ),
};

/** How many at once make a pile-up of this client. */
function leastOf(ip: string, { thresholds, sysctls }: Context): number {
  const buckets = sysctls.of(ip, 'tcp_max_tw_buckets').value ?? Number.POSITIVE_INFINITY;
  return Math.min(thresholds['time-wait-standing'], buckets * NEARLY_FULL);
}

function pileUp(group: CaseGroup, context: Context): Conclusion[] {
  const pace = paceOf(group);
  const { peak, standing } = pace;
  const ip = group.text('client_ip');
  const buckets = context.sysctls.of(ip, 'tcp_max_tw_buckets').value;
  const least = leastOf(ip, context);
  if (standing < least) return [];
  const isSeen = peak.atOnce >= least;
  return [
    {
      group,
      severity: 'warning',
      subject: ip,
      numbers: {
        time_waits: group.count,
        at_once: peak.atOnce,
        closes_per_s: pace.perSecond,
        time_wait_us: pace.lengthUs,
        standing_number: standing,
        servers: group.number('servers'),
        tcp_max_tw_buckets: buckets,
      },
      advice: {
        title: isSeen
          ? `${count(peak.atOnce)} TIME_WAITs at once`
          : `${count(standing)} TIME_WAITs at once, if it goes on like this`,
        cause: causeOf(group, pace, buckets),
        remedies: REMEDIES,
        notToDo: NOT_TO_DO,
      },
      certainty: isSeen ? certain('they stood at once') : forecastCertainty(pace),
    },
  ];
}

function causeOf(group: CaseGroup, { perSecond, lengthUs, standing }: Pace, buckets: number | null): string {
  const cause =
    `This client closes first, ${rateNumber(perSecond)} times a second, and each close leaves a TIME_WAIT of ` +
    `${settingDuration(lengthUs)} with it: ${count(standing)} at once. It opens a connection for each request instead ` +
    'of using one again.';
  const overflow =
    buckets !== null && standing > buckets
      ? `That is more than this host's tcp_max_tw_buckets (${count(buckets)}): the kernel drops the rest at once.`
      : '';
  return [cause, overflow, stackNote(group)].filter((text) => text !== '').join(' ');
}

function forecastCertainty({ watchedUs, lengthUs }: Pace): Certainty {
  const reason = `a forecast: ${duration(watchedUs)} were watched, a TIME_WAIT lasts ${settingDuration(lengthUs)}`;
  return watchedUs >= WELL_WATCHED_US ? likely(reason) : possible(reason);
}
