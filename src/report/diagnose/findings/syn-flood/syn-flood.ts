import { FLOOD, type Flood, floods, HALF_OPENED_STORED } from '../../family/openings/floods.ts';
import { ENDS, openingValues } from '../../family/openings/openings.ts';
import { readPeak } from '../../frame/aggregates/standing-peak.ts';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { type Conclusion, likely, possible } from '../../frame/conclusion.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import {
  OF_SERVICES,
  SERVICE,
  serviceKey,
  serviceList,
  serviceOf,
  serviceSubject,
} from '../../frame/subjects.ts';
import { adviceOn } from './syn-flood-advice.ts';
import { type Others, othersDuring } from './syn-flood-others.ts';

/** How long a handshake waits for its last ACK before most servers have given it up, or sent SYN-ACKs in vain. */
const WAITS_US = 30_000_000;

const CASES: Cases = {
  sql: `SELECT ${ENDS}, last_us AS until_us, server_retransmissions AS syn_acks_again,
  server_segments > 0 AS is_answered, first_frame AS frame
FROM flows
WHERE ${FLOOD}`,
  by: SERVICE,
  measures: {
    peak: `standing_peak(since_us, since_us + ${WAITS_US})`,
    last_us: 'max(since_us)',
  },
  having: 'count >= :several',
  marks: ['SYN', 'SYN-ACK', 'retransmitted SYN-ACK'],
};

/** SYNs in great number from addresses that never answer: they fill the queue of half-open connections. */
export const synFlood: Rule = {
  code: 'syn-flood',
  title: 'handshakes in great number that clients never complete',
  looksFor:
    'SYNs that are sent once and answered by SYN-ACK, and nothing more from their addresses, while others complete ' +
    'their handshakes or the server sends its SYN-ACKs again.',
  thresholds: ['flood-count', 'late-opening'],
  candidates: HALF_OPENED_STORED,
  several: 'flood-count',
  worst: 'warning',
  find(db, context) {
    const flooded = context.once(floods);
    if (flooded.length === 0) return [];
    const byKey = new Map(flooded.map((flood) => [serviceKey(flood), flood]));
    const several = context.thresholds['flood-count'];
    const values = { ...openingValues(context), several, services: serviceList(flooded) };
    return groupCases(db, CASES, values, OF_SERVICES)
      .filter((group) => readPeak(group.text('peak')).atOnce >= several)
      .map((group) => {
        const flood = byKey.get(serviceKey(serviceOf(group)))!;
        const lastUs = group.number('last_us');
        return conclude(group, flood, othersDuring(db, flood, group.sinceUs, lastUs, context), context);
      });
  },
};

function conclude(group: CaseGroup, flood: Flood, others: Others, _: Context): Conclusion {
  const lastedUs = group.number('last_us') - group.sinceUs;
  return {
    group,
    severity: 'warning',
    subject: serviceSubject(group),
    numbers: {
      never_completed: group.count,
      of: flood.of,
      addresses: flood.sources,
      flood_per_s: lastedUs > 0 ? (1e6 * group.count) / lastedUs : undefined,
      lasted_us: lastedUs,
      SYNs_without_SYN_ACK: flood.unanswered,
      SYN_ACKs_sent_again_for: flood.again,
      others_opened_at_once: others.atOnce,
      others_opened_late: others.late,
      others_unanswered: others.unanswered,
      others_slowest_us: ifAny(others.slowest_us ?? 0),
    },
    advice: adviceOn(flood, others),
    certainty:
      flood.sources >= 10
        ? likely('many addresses, one SYN each, and none answers the SYN-ACK')
        : possible(
            `of ${flood.sources === 1 ? 'one address' : `${flood.sources} addresses`}: a scanner, or a way back that is broken, looks much the same`,
          ),
  };
}
