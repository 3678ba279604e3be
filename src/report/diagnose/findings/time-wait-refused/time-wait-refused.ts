import type { Database } from 'better-sqlite3';
import { code } from '../../../../flow/format/word-table.ts';
import { ENDPOINTS, STATES } from '../../../../flow/format/words.ts';
import { count } from '../../../units.ts';
import { SHORTEST_FIN_WAIT_2_US } from '../../family/fin-refused/fin-refused-cases.ts';
import { type Peak, readPeak } from '../../frame/aggregates/standing-peak.ts';
import { type CaseGroup, groupCases } from '../../frame/cases.ts';
import { closeKind, resetKind } from '../../frame/codes.ts';
import { type Certainty, type Conclusion, certain, likely, possible } from '../../frame/conclusion.ts';
import { connectionsOf } from '../../frame/connections.ts';
import { areSeveral } from '../../frame/frequent.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { serviceOf, serviceSubject } from '../../frame/subjects.ts';
import { FIN_ADVICE, STUCK_ADVICE, SYN_ADVICE } from './time-wait-refused-advice.ts';
import { MISSING_TIME_WAITS, REFUSED_SYNS, STUCK_SYNS } from './time-wait-refused-cases.ts';

/** Flows with a segment in the server's TIME_WAIT; those that an RST ended soon after FIN_WAIT_2 began. */
const WOKEN = 'server_time_wait IS NOT NULL AND last > close_ended';
/** Flows whose SYNs were answered, but by no SYN-ACK. */
const STUCK = `opened IS NULL AND server_isn IS NULL AND server_segments >= 2 AND client_state = ${code(STATES, 'SYN_SENT')}`;
const REFUSED = ENDPOINTS.map(
  (end) =>
    `close_kind = ${closeKind('fin-reset')} AND closed_first = reset_by AND ` +
    `reset_kind <> ${resetKind('data-after-close')} AND ` +
    `close_ended - ${end}_fin_wait_2 < ${SHORTEST_FIN_WAIT_2_US}`,
).join(' OR ');

/** TIME_WAITs in the way of new connections, and TIME_WAITs that were not made. */
export const timeWaitRefused: Rule = {
  code: 'time-wait-refused',
  title: 'an old TIME_WAIT holds up new connections, or there was no room for one',
  looksFor:
    'A SYN that a TIME_WAIT of the server answered with its old ACK, which the client refused by RST to send its ' +
    'SYN again; and a FIN that its peer, which had closed first, answered by RST at once instead of from TIME_WAIT.',
  thresholds: ['close-trouble-count', 'time-wait-refused-share'],
  candidates: `${WOKEN} OR ${STUCK} OR ${REFUSED}`,
  several: 'close-trouble-count',
  find(db, context) {
    const several = context.thresholds['close-trouble-count'];
    const share = context.thresholds['time-wait-refused-share'];
    const syns = areSeveral(db, WOKEN, several) ? groupCases(db, REFUSED_SYNS, { several }) : [];
    const stuck = areSeveral(db, STUCK, several) ? groupCases(db, STUCK_SYNS, { several }) : [];
    const fins = areSeveral(db, REFUSED, several)
      ? groupCases(db, MISSING_TIME_WAITS, { several, at_once_us: SHORTEST_FIN_WAIT_2_US })
      : [];
    const opened = connectionsOf(db, [...syns, ...stuck].map(serviceOf), 'opened IS NOT NULL');
    const ips = fins.map((group) => group.text('ip'));
    const held = ips.length === 0 ? new Map<string, HeldTimeWaits>() : holders(db, ips);
    return [
      ...syns.map((group, i) => refusedSyns(group, opened[i]!)),
      ...stuck.map((group, i) => stuckSyns(group, opened[syns.length + i]!)),
      ...fins.map((group, i) => missing(group, held.get(ips[i]!) ?? NONE, context)),
    ]
      .filter(({ percent }) => percent >= share)
      .map(({ conclusion }) => conclusion);
  },
};

/** A conclusion, and how frequent the trouble is. */
interface Shared {
  conclusion: Conclusion;
  percent: number;
}

function refusedSyns(group: CaseGroup, all: number): Shared {
  const percent = (100 * group.count) / Math.max(all, group.count);
  const inVain = group.number('in_vain');
  const areAllInVain = inVain === group.count;
  const conclusion: Conclusion = {
    group,
    severity: 'warning',
    subject: serviceSubject(group),
    numbers: {
      refused: group.count,
      of_connections_percent: percent,
      clients: group.number('clients'),
      average_delay_us: areAllInVain ? undefined : group.number('delay_us'),
      longest_delay_us: areAllInVain ? undefined : group.number('longest_us'),
      never_opened: ifAny(inVain),
    },
    advice: 2 * inVain > group.count ? STUCK_ADVICE : SYN_ADVICE,
    certainty: certain('the old ACK answered each SYN'),
  };
  return { conclusion, percent };
}

function stuckSyns(group: CaseGroup, opened: number): Shared {
  const percent = (100 * group.count) / (opened + group.count);
  const withRst = group.number('with_rst');
  const conclusion: Conclusion = {
    group,
    severity: 'warning',
    subject: serviceSubject(group),
    numbers: {
      never_opened: group.count,
      of_connections_percent: percent,
      RST_of_the_client_captured: withRst,
      longest_try_us: group.number('tried_us'),
      clients: group.number('clients'),
    },
    advice: STUCK_ADVICE,
    certainty: likely(
      withRst > 0
        ? `the client refused the old ACK by RST in ${withRst}, and it came again`
        : 'the same ACK answers each SYN, and no RST of the client was captured',
    ),
  };
  return { conclusion, percent };
}

/** The TIME_WAITs that a host did hold. */
interface HeldTimeWaits {
  kept: number;
  peak: Peak;
}

const NONE: HeldTimeWaits = { kept: 0, peak: { atOnce: 0, atUs: 0 } };

/** Of each host that holds any, by address. */
function holders(db: Database, ips: readonly string[]): Map<string, HeldTimeWaits> {
  const rows = db
    .prepare<[string], { ip: string; kept: number; peak: string }>(
      `SELECT ip, count(*) AS kept, standing_peak(entered_us, entered_us +
         coalesce(at_most_us, iif(ended_by = 'expired', expected_us, at_least_us + 1))) AS peak
       FROM time_waits WHERE ip IN (SELECT value FROM json_each(?)) GROUP BY ip`,
    )
    .all(JSON.stringify(ips));
  return new Map(rows.map(({ ip, kept, peak }) => [ip, { kept, peak: readPeak(peak) }]));
}

function missing(group: CaseGroup, holder: HeldTimeWaits, { sysctls }: Context): Shared {
  const percent = (100 * group.count) / (group.count + holder.kept);
  const ip = group.text('ip');
  const buckets = sysctls.of(ip, 'tcp_max_tw_buckets').value;
  const conclusion: Conclusion = {
    group,
    severity: 'warning',
    subject: ip,
    numbers: {
      without_time_wait: group.count,
      of_closes_percent: percent,
      time_waits_at_once: holder.peak.atOnce,
      tcp_max_tw_buckets: buckets,
    },
    advice: FIN_ADVICE,
    certainty: missingCertainty(holder, buckets),
  };
  return { conclusion, percent };
}

function missingCertainty({ kept, peak }: HeldTimeWaits, buckets: number | null): Certainty {
  if (buckets !== null && peak.atOnce >= 0.9 * buckets) {
    return certain(`${count(peak.atOnce)} stood at once, which is all that its tcp_max_tw_buckets allows`);
  }
  return kept > 0
    ? likely(`it did hold others, ${count(peak.atOnce)} at most`)
    : possible('it was not seen to hold any TIME_WAIT: something else may have forgotten the connections');
}
