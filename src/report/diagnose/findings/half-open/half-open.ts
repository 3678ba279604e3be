import type { Database } from 'better-sqlite3';
import { behindMiddlebox } from '../../family/forgotten/forgotten.ts';
import { type Untranslated, untranslated } from '../../family/untranslated/untranslated.ts';
import type { Commonest } from '../../frame/aggregates/commonest.ts';
import { type CaseGroup, groupCases } from '../../frame/cases.ts';
import { resetEvidence } from '../../frame/codes.ts';
import { type Conclusion, likely, possible } from '../../frame/conclusion.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { clientsSubject, serviceSubject } from '../../frame/subjects.ts';
import { lostAdvice, olderAdvice, untranslatedAdvice } from './half-open-advice.ts';
import { BY, CASES } from './half-open-cases.ts';
import { hostTtls } from './host-ttls.ts';

/** One end goes on with a connection that the other has no socket for. */
export const halfOpen: Rule = {
  code: 'half-open',
  title: 'one end had forgotten the connection: data is answered by RST',
  looksFor:
    'Data answered by an RST without ACK: who sends it has no socket of that connection, though it had one, and ' +
    'its peer knows nothing of an end. Or it never had one: a NAT has let the data pass untranslated.',
  thresholds: ['forgotten-count', 'abort-share', 'unacknowledged-time'],
  candidates:
    `reset_evidence IN (${resetEvidence('no-socket')}, ${resetEvidence('after-silence')}, ` +
    `${resetEvidence('sender-went-on')})`,
  several: 'forgotten-count',
  find(db, context) {
    const several = context.thresholds['forgotten-count'];
    const passed = context.once(untranslated);
    const groups = groupCases(db, CASES, {
      several,
      middlebox: behindMiddlebox(context),
      untranslated: JSON.stringify(passed.flatMap(({ ids }) => ids)),
    });
    const open = groups.length === 0 ? new Map<string, number>() : openBeside(db, groups);
    const ttls = hostTtls(
      db,
      groups.map((group) => group.text('server_ip')),
    );
    return [
      ...passed.filter(({ isSeveral }) => isSeveral).map(concludeUntranslated),
      ...groups.map((group) => conclude(group, open.get(keyOf(group)) ?? 0, ttls, context)),
    ];
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

function conclude(
  group: CaseGroup,
  openThen: number,
  ttls: ReadonlyMap<string, number>,
  { thresholds }: Context,
): Conclusion {
  const { count } = group;
  const isServer = group.text('reset_by') === 'server';
  const open = Math.max(count, openThen);
  const percent = (100 * count) / open;
  const older = group.number('older');
  const isOlder = 2 * older > count;
  return {
    group,
    severity: isServer && percent >= thresholds['abort-share'] ? 'warning' : 'info',
    subject: isServer ? serviceSubject(group) : clientsSubject(group),
    numbers: {
      forgotten: count,
      open_then: open,
      share_percent: percent,
      older_than_the_capture: ifAny(older),
      after_a_long_silence: group.number('after_silence'),
      clients: group.number('clients'),
    },
    advice: isOlder
      ? olderAdvice(isServer, isServer ? otherTtls(group, ttls) : undefined)
      : lostAdvice(isServer, group.number('last_begun_us') < group.sinceUs),
    certainty: isOlder
      ? possible('what happened before the capture began is not known')
      : isServer
        ? likely('an abort of its own has an ACK')
        : possible('some systems abort like that'),
  };
}

/** The TTLs of the RSTs and of the server's other segments, if they differ. */
function otherTtls(
  group: CaseGroup,
  ttls: ReadonlyMap<string, number>,
): { rst: number; host: number } | undefined {
  const { value } = JSON.parse(group.text('rst_ttl')) as Commonest;
  const host = ttls.get(group.text('server_ip'));
  return value === '' || host === undefined || host === Number(value)
    ? undefined
    : { rst: Number(value), host };
}

function concludeUntranslated({ group }: Untranslated): Conclusion {
  return {
    group,
    severity: 'warning',
    subject: clientsSubject(group),
    numbers: {
      connections: group.count,
      went_on_after_the_RST: group.number('went_on'),
      ended_by_it: group.number('was_ended'),
      went_on_for_up_to_us: group.isNull('later_us') ? undefined : group.number('later_us'),
      clients: group.number('clients'),
    },
    advice: untranslatedAdvice(group),
    certainty:
      group.number('before') > 0
        ? likely('a segment came to a port in use from an address that has no connection with it')
        : possible('a capture before the NAT shows the address from which the segment came'),
  };
}
