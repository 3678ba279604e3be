import type { Database } from 'better-sqlite3';
import { count, counted } from '../../../units.ts';
import {
  CLIENT_TIME_WAITS,
  MARKS,
  MEASURES,
  paceOf,
} from '../../family/client-time-waits/time-wait-cases.ts';
import { readTally } from '../../frame/aggregates/tally.ts';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { type Conclusion, certain } from '../../frame/conclusion.ts';
import { settingDuration } from '../../frame/number-text.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { SERVICE_KEY } from '../../frame/subjects.ts';

// People come with a netstat full of TIME_WAITs: where they are harmless, that is said.

const CASES: Cases = {
  sql: CLIENT_TIME_WAITS,
  by: ['client_ip'],
  measures: { ...MEASURES, servers: `count(DISTINCT ${SERVICE_KEY})` },
  marks: MARKS,
};

/** The client that has most TIME_WAITs, and most of them for one server and port. */
interface Holder {
  ip: string;
  mostOfOne: number;
  /** Clients that have some. */
  holders: number;
}

/** TIME_WAITs of clients take so few ports that nothing can come of it. */
export const timeWaitHarmless: Rule = {
  code: 'time-wait-harmless',
  title: 'TIME_WAITs that are what a close should end with, and do no harm',
  looksFor: 'TIME_WAITs of a client that take a small part of its local ports.',
  thresholds: ['time-wait-standing', 'port-share'],
  candidates: 'client_time_wait IS NOT NULL',
  worst: 'note',
  find(db, context) {
    const holder = largestHolder(db, context.thresholds['time-wait-standing']);
    if (holder === undefined) return [];
    const [group] = groupCases(db, CASES, { ip: holder.ip }, 'client_ip = :ip');
    return group === undefined ? [] : conclude(holder, group, context);
  },
};

/** The client that has most; undefined if those are as many as `most`, which is no small number. */
function largestHolder(db: Database, most: number): Holder | undefined {
  const counts = readTally(
    db
      .prepare<[], string>('SELECT tally(client_address) FROM flow_data WHERE client_time_wait IS NOT NULL')
      .pluck()
      .get()!,
  );
  let [address, n] = [0, 0];
  for (const [client, count] of counts) if (count > n) [address, n] = [client, count];
  if (n === 0 || n >= most) return undefined;
  const rest = db
    .prepare<[number], { ip: string; mostOfOne: number }>(
      `SELECT (SELECT ip FROM addresses WHERE id = client_address) AS ip, max(n) AS mostOfOne FROM (
         SELECT client_address, count(*) AS n FROM flow_data
         WHERE client_address = ? AND client_time_wait IS NOT NULL GROUP BY server_address, server_port)`,
    )
    .get(address)!;
  return { ...rest, holders: counts.size };
}

function conclude({ ip, mostOfOne, holders }: Holder, group: CaseGroup, context: Context): Conclusion[] {
  const { peak, lengthUs, standing } = paceOf(group);
  const stack = group.isNull('stack') ? null : group.text('stack');
  const ports = context.sysctls.ports(ip, stack);
  const atOnce = Math.min(peak.atOnce, mostOfOne);
  const percent = (100 * atOnce) / ports.count;
  const isHarmless =
    standing < context.thresholds['time-wait-standing'] && percent < context.thresholds['port-share'] / 2;
  if (!isHarmless) return [];
  const share = percent < 0.1 ? 'less than 0.1' : Number(percent.toPrecision(2));
  return [
    {
      group,
      severity: 'note',
      subject: ip,
      numbers: {
        time_waits: group.count,
        at_once: peak.atOnce,
        for_one_server_at_most: atOnce,
        ports_percent: percent,
        time_wait_us: lengthUs,
        servers: group.number('servers'),
        other_clients_with_fewer: holders - 1,
      },
      advice: {
        title: `${counted(peak.atOnce, 'TIME_WAIT')} at once, ${share} % of ${count(ports.count)} ports: harmless`,
        cause:
          `This client closed first, as somebody has to, and its kernel keeps each pair of ports for ${settingDuration(lengthUs)}, ` +
          'lest late segments meet a new connection. For one server and port they take ' +
          `${share} % of ${ports.whose} ${count(ports.count)} local ports, and some hundred bytes of memory each.`,
        remedies: ['Nothing has to be done.'],
        notToDo: [
          'net.ipv4.tcp_fin_timeout: it does not shorten TIME_WAIT. net.ipv4.tcp_tw_timeout is in no mainline kernel.',
          'net.ipv4.tcp_tw_recycle (gone since Linux 4.12) and SO_LINGER with 0: they trade a harmless state for lost data.',
        ],
      },
      certainty: certain('they were counted'),
    },
  ];
}
