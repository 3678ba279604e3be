import type { Database } from 'better-sqlite3';
import { forgotten } from '../../family/forgotten/forgotten.ts';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { resetEvidence } from '../../frame/codes.ts';
import { type Conclusion, likely, possible } from '../../frame/conclusion.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import {
  CLIENTS,
  clientsSubject,
  SERVICE,
  serviceKey,
  serviceOf,
  serviceSubject,
} from '../../frame/subjects.ts';

const BY = ['reset_by', ...SERVICE];

/**
 * RSTs of ends that have no socket any more, to a peer whose connection is still open: it was opened and
 * more than the handshake had come from that end, or it was open before the capture began.
 */
const CASES: Cases = {
  sql: `SELECT f.id AS flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
  r.at_us AS since_us, r.at_us AS until_us, f.first_us, f.reset_by, f.reset_evidence,
  r.frame
FROM flows AS f
JOIN close_segments AS r ON r.flow_id = f.id AND r.n = (
  SELECT min(n) FROM close_segments AS b
  WHERE b.flow_id = f.id AND b.meaning = 'RST' AND b.endpoint = f.reset_by)
WHERE f.reset_evidence IN ('no-socket', 'after-silence') AND r.flags = 'RST'
  AND (f.close_kind = 'reset' OR f.close_kind = 'fin-reset' AND f.closed_first <> f.reset_by)
  AND iif(f.reset_by = 'client', f.server_bytes, f.client_bytes) > 0
  AND (f.opened_us IS NULL AND f.role_evidence NOT IN ('syn', 'syn-ack') OR f.opened_us IS NOT NULL
    AND iif(f.reset_by = 'client', f.client_segments - f.client_rsts, f.server_segments - f.server_rsts) > 1)
  AND (f.reset_evidence = 'no-socket'
    OR f.server_ip || ' ' || f.server_port NOT IN (SELECT value FROM json_each(:middlebox)))`,
  by: BY,
  measures: {
    ...CLIENTS,
    after_silence: "sum(reset_evidence = 'after-silence')",
    last_begun_us: 'max(first_us)',
  },
  having: 'count >= :several',
  marks: ['SYN', 'after a long silence', 'FIN', 'RST'],
};

const REMEDIES: readonly string[] = [
  'See what happened to that end before the first RST: a crash or power failure, a failover to another host with its ' +
    'address, a container that was replaced, a NAT or balancer whose table was cleared.',
  'Let the other end notice sooner: SO_KEEPALIVE with TCP_KEEPIDLE, and TCP_USER_TIMEOUT for what is sent.',
  'Let clients connect again and repeat the request, where it may be sent twice.',
  'For planned changes: drain, and end connections with FIN while the address is still there.',
];
const NOT_TO_DO: readonly string[] = [
  'Dropping the RSTs: they are the only word that the connection is gone; without them it hangs for minutes ' +
    '(tcp_retries2).',
  'net.ipv4.tcp_fin_timeout, tcp_tw_reuse: these connections were never closed.',
];

/** One end goes on with a connection that the other has no socket for. */
export const halfOpen: Rule = {
  code: 'half-open',
  title: 'one end had forgotten the connection: data is answered by RST',
  looksFor:
    'Data answered by an RST without ACK: who sends it has no socket of that connection, though it had one, and ' +
    'its peer knows nothing of an end.',
  thresholds: ['forgotten-count', 'abort-share'],
  candidates: `reset_evidence IN (${resetEvidence('no-socket')}, ${resetEvidence('after-silence')})`,
  several: 'forgotten-count',
  find(db, context) {
    const middlebox = context
      .once(forgotten)
      .filter(({ isMiddlebox }) => isMiddlebox)
      .map(({ group }) => serviceKey(serviceOf(group)));
    const groups = groupCases(db, CASES, {
      several: context.thresholds['forgotten-count'],
      middlebox: JSON.stringify(middlebox),
    });
    if (groups.length === 0) return [];
    const open = openBeside(db, groups);
    return groups.map((group) => conclude(group, open.get(keyOf(group)) ?? 0, context));
  },
};

/** How many connections of each service were open while those were forgotten, by keyOf(). */
function openBeside(db: Database, groups: readonly CaseGroup[]): Map<string, number> {
  const times = groups.map((group) => ({
    key: keyOf(group),
    ip: group.text('server_ip'),
    port: group.number('server_port'),
    since: group.sinceUs,
    until: group.untilUs,
  }));
  const rows = db
    .prepare<[string], { key: string; open: number }>(
      `WITH times AS MATERIALIZED (
         SELECT value ->> 'key' AS key, (SELECT id FROM addresses WHERE ip = value ->> 'ip') AS server_address,
           value ->> 'port' AS server_port, value ->> 'since' AS since, value ->> 'until' AS until
         FROM json_each(?)
       )
       SELECT key, count(*) AS open
       FROM flow_data AS f
       CROSS JOIN times AS t ON t.server_address = f.server_address AND t.server_port = f.server_port
       WHERE client_segments > 0 AND server_segments > 0 AND first <= until AND first + last >= since
       GROUP BY key`,
    )
    .all(JSON.stringify(times));
  return new Map(rows.map(({ key, open }) => [key, open]));
}

function keyOf(group: CaseGroup): string {
  return BY.map(group.text).join(' ');
}

function conclude(group: CaseGroup, openThen: number, { thresholds }: Context): Conclusion {
  const { count } = group;
  const isServer = group.text('reset_by') === 'server';
  const open = Math.max(count, openThen);
  const percent = (100 * count) / open;
  const isAtOnce = group.number('last_begun_us') < group.sinceUs;
  return {
    group,
    severity: isServer && percent >= thresholds['abort-share'] ? 'warning' : 'info',
    subject: isServer ? serviceSubject(group) : clientsSubject(group),
    numbers: {
      forgotten: count,
      open_then: open,
      share_percent: percent,
      after_a_long_silence: group.number('after_silence'),
      clients: group.number('clients'),
    },
    advice: {
      title: isServer
        ? 'the server had forgotten connections that clients went on with'
        : 'the client had forgotten connections that the server went on with',
      cause:
        'An RST without ACK comes from a kernel that has no socket for the segment. That end had the connection before ' +
        'and did not say that it ended: its host went down or was replaced, or what it said was lost or not captured. ' +
        (isAtOnce
          ? 'All of them had begun before the first was refused: it lost them at one time.'
          : 'Some had begun after others were refused: it loses them again and again, or something between does.'),
      remedies: REMEDIES,
      notToDo: NOT_TO_DO,
    },
    certainty: isServer ? likely('an abort of its own has an ACK') : possible('some systems abort like that'),
  };
}
