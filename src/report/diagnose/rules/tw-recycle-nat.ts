import { endName } from '../../flows/name.ts';
import { type CaseGroup, type Cases, groupCases } from '../cases.ts';
import type { Finding } from '../finding.ts';
import type { Rule } from '../rule.ts';
import { closeKind } from './frequent.ts';

/** A SYN that is answered sooner was not sent again: the first timeout is a second or more (RFC 6298). */
const ANSWERED_US = 1_000_000;
/** So long Linux held a host's last timestamp against it (TCP_PAWS_MSL). */
const PAWS_US = 60_000_000;

/**
 * SYNs of an address whose TSval is older than that of one that was answered within the minute before it,
 * and that went unanswered. Of the rest of that address's SYNs it counts how many were answered.
 */
const CASES: Cases = {
  sql: `WITH syns AS (
  SELECT id AS flow_id, client_ip, client_port, server_ip, server_port, client_syn_tsval AS tsval,
    first_us, last_us, opened_us, first_frame, close_kind,
    opened_us - first_us < :answered_us AS answered,
    opened_us - first_us >= :answered_us OR close_kind = 'unanswered' AND client_segments > 1 AS unanswered,
    max(client_syn_tsval) FILTER (WHERE opened_us - first_us < :answered_us) OVER (
      PARTITION BY client_ip, server_ip, server_port
      ORDER BY first_us RANGE BETWEEN :paws_us PRECEDING AND 1 PRECEDING
    ) AS newest
  FROM flows
  WHERE client_syn_tsval IS NOT NULL AND client_ip IN (
    SELECT client_ip FROM flows
    WHERE opened_us - first_us >= :answered_us OR close_kind = 'unanswered' AND client_segments > 1
    GROUP BY client_ip, server_ip, server_port HAVING count(*) >= :several
  )
), judged AS (
  SELECT *, coalesce(newest - tsval BETWEEN 2 AND 2147483647, 0) AS runs_back FROM syns
), pairs AS (
  SELECT client_ip, server_ip, server_port,
    count(*) FILTER (WHERE runs_back AND answered) AS back_answered,
    count(*) FILTER (WHERE NOT runs_back AND answered) AS forth_answered,
    count(*) FILTER (WHERE NOT runs_back AND unanswered) AS forth_unanswered
  FROM judged GROUP BY client_ip, server_ip, server_port
)
SELECT j.flow_id, j.client_ip, j.client_port, j.server_ip, j.server_port,
  j.first_us AS since_us, coalesce(j.opened_us, j.last_us) AS until_us,
  j.tsval, j.newest, j.newest - j.tsval AS behind, j.close_kind,
  p.back_answered, p.forth_answered, p.forth_unanswered, j.first_frame AS frame
FROM judged AS j
JOIN pairs AS p USING (client_ip, server_ip, server_port)
WHERE j.runs_back AND j.unanswered`,
  by: ['client_ip', 'server_ip', 'server_port'],
  measures: {
    behind: 'avg(behind)',
    back_answered: 'max(back_answered)',
    forth_answered: 'max(forth_answered)',
    forth_unanswered: 'max(forth_unanswered)',
  },
  // Three of four each way: chance does not sort SYNs by their timestamps.
  having: `count >= :several AND count >= 3 * back_answered
    AND forth_answered >= :several AND forth_answered >= 3 * forth_unanswered`,
  marks: ['SYN', 'retransmitted SYN'],
};

/** A server that takes all hosts behind a NAT for one, and drops SYNs by their timestamps. */
export const twRecycleNat: Rule = {
  code: 'tw-recycle-nat',
  title: 'a per-host check of timestamps drops SYNs of clients behind NAT (tcp_tw_recycle)',
  looksFor:
    'SYNs of one source address: those whose TSval is older than that of one answered within the minute before ' +
    'stay without an answer, the others are answered.',
  thresholds: ['close-trouble-count'],
  candidates:
    `client_syn_tsval IS NOT NULL AND (opened >= ${ANSWERED_US} OR ` +
    `close_kind = ${closeKind('unanswered')} AND client_segments > 1)`,
  several: 'close-trouble-count',
  find: (db, { thresholds }) =>
    groupCases(db, CASES, {
      several: thresholds['close-trouble-count'],
      answered_us: ANSWERED_US,
      paws_us: PAWS_US,
    }).map(dropped),
};

function dropped(group: CaseGroup): Finding {
  const service = endName(group.text('server_ip'), group.number('server_port'));
  return {
    code: twRecycleNat.code,
    title: 'SYNs with older timestamps are dropped: tcp_tw_recycle, and clients behind NAT',
    severity: 'critical',
    subject: `${group.text('client_ip')} -> ${service}`,
    count: group.count,
    sinceUs: group.sinceUs,
    untilUs: group.untilUs,
    evidence: group.evidence([
      { name: 'unanswered_with_older_timestamp', value: group.count, kind: 'count' },
      { name: 'answered_with_older_timestamp', value: group.number('back_answered'), kind: 'count' },
      { name: 'answered_with_newer_timestamp', value: group.number('forth_answered'), kind: 'count' },
      { name: 'unanswered_with_newer_timestamp', value: group.number('forth_unanswered'), kind: 'count' },
      { name: 'behind_by_ticks', value: group.number('behind'), kind: 'count' },
    ]),
    cause:
      'Several hosts share this source address (NAT, a proxy), each with a clock of its own for its TCP timestamps. ' +
      'The server keeps one timestamp for the address and drops every SYN that is older, as for a late segment ' +
      '(PAWS for each host instead of each connection). So those whose clock is ahead get in, and the others ' +
      'time out. net.ipv4.tcp_tw_recycle = 1 does that in Linux before 4.12; a filter or a balancer may, too.',
    remedies: [
      'Set net.ipv4.tcp_tw_recycle = 0 on the server, at once: it takes effect without a restart.',
      'Where it is 0 or unknown: look for the same check in whatever stands before the server.',
      'Until then, net.ipv4.tcp_timestamps = 0 on the server ends it too, but takes away PAWS and the measuring ' +
        'of round trips.',
    ],
    notToDo: [
      'Never turn tcp_tw_recycle on, against TIME_WAIT or for any other reason. tcp_tw_reuse on the connecting host ' +
        'is another thing, and safe.',
      'A longer backlog, more SYN retries or a bigger server: the SYNs arrive, and are dropped on purpose.',
    ],
    confidence: 'likely',
    confidenceReason: 'whether a SYN was answered goes by its timestamp',
  };
}
