import type { Database } from 'better-sqlite3';
import { duration } from '../../../units.ts';
import { type Forgotten, forgotten } from '../../family/forgotten/forgotten.ts';
import type { CaseGroup } from '../../frame/cases.ts';
import { closeKind, resetEvidence } from '../../frame/codes.ts';
import { type Certainty, type Conclusion, likely, possible } from '../../frame/conclusion.ts';
import { settingDuration } from '../../frame/number-text.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import {
  clientsSubject,
  OF_SERVICES,
  SERVICE_KEY,
  serviceKey,
  serviceList,
  serviceOf,
} from '../../frame/subjects.ts';
import { whose } from '../../frame/sysctl.ts';

const NOT_TO_DO: readonly string[] = [
  'tcp_keepalive_time alone: it is for sockets whose program turns SO_KEEPALIVE on, and for those only.',
  'net.ipv4.tcp_retries2 or longer timeouts: who waits longer for an answer that cannot come, waits longer.',
  'net.ipv4.tcp_fin_timeout and tcp_tw_reuse have to do with the close, not with idle connections.',
];

/** Firewalls, NATs and balancers forget connections that are silent for long. */
export const idleMiddlebox: Rule = {
  code: 'idle-middlebox',
  title: 'idle connections that something on the way forgets',
  looksFor:
    'Connections whose first segment after a silence is answered by RST, or by nothing and sent again and again; ' +
    'several of one service, after silences that are alike or while others go on.',
  thresholds: ['forgotten-count', 'forgotten-share'],
  candidates:
    `reset_evidence = ${resetEvidence('after-silence')} ` +
    `OR close_kind IN (${closeKind('open')}, ${closeKind('half')}) AND last >= 5000000 ` +
    'AND max(client_retransmissions, server_retransmissions) >= 3',
  several: 'forgotten-count',
  find(db, context) {
    const found = context.once(forgotten).filter(({ isMiddlebox }) => isMiddlebox);
    if (found.length === 0) return [];
    const woken = wokenBy(db, found);
    return found.map((one) => conclude(one, woken.get(serviceKey(serviceOf(one.group))) ?? 0, context));
  },
};

/** Connections of each service that went on after a long silence, or tried. */
function wokenBy(db: Database, found: readonly Forgotten[]): Map<string, number> {
  const rows = db
    .prepare<[object], { service: string; woken: number }>(
      `SELECT ${SERVICE_KEY} AS service, count(*) AS woken FROM flows AS f
       WHERE last_us - first_us >= 4000000
         AND ${OF_SERVICES}
         AND EXISTS (SELECT 1 FROM close_segments AS s
           WHERE s.flow_id = f.id AND s.meaning = 'after a long silence')
       GROUP BY 1`,
    )
    .all({ services: serviceList(found.map(({ group }) => serviceOf(group))) });
  return new Map(rows.map(({ service, woken }) => [service, woken]));
}

function conclude({ group, silences }: Forgotten, wokenOrTried: number, context: Context): Conclusion {
  const { count } = group;
  const woken = Math.max(count, wokenOrTried);
  const percent = (100 * count) / woken;
  const shortestUs = silences[0]!;
  const byRst = group.number('by_rst');
  return {
    group,
    severity: percent >= context.thresholds['forgotten-share'] ? 'warning' : 'info',
    subject: clientsSubject(group),
    numbers: {
      forgotten: count,
      answered_by_RST: byRst,
      not_answered: count - byRst,
      shortest_silence_us: shortestUs,
      median_silence_us: silences[Math.floor(silences.length / 2)],
      went_on_after_a_silence: woken - count,
      woken_by_the_client: group.number('by_client'),
    },
    advice: {
      title: `connections that are idle for about ${about(shortestUs)} are forgotten on the way`,
      cause:
        `After a silence of ${duration(shortestUs)} or more the next segment met ` +
        `${byRst === count ? 'an RST' : byRst === 0 ? 'nobody' : 'an RST or nobody'}: a firewall, a NAT or a balancer on the way ` +
        'had forgotten the connection, and notified neither end. Silences are given at their longest possible.',
      remedies: remediesFor(group, shortestUs, context),
      notToDo: NOT_TO_DO,
    },
    certainty: certaintyOf(group, silences),
  };
}

/** A silence in whole seconds. */
function about(us: number): string {
  return settingDuration(Math.round(us / 1e6) * 1e6);
}

function remediesFor(group: CaseGroup, shortestUs: number, { sysctls }: Context): string[] {
  const ip = group.text('client');
  const time = sysctls.of(ip, 'tcp_keepalive_time');
  const idleS = Math.max(1, Math.floor(shortestUs / 2e6));
  const isLate = time.value !== null && time.value > idleS;
  return [
    `Keep-alive below that time: SO_KEEPALIVE with TCP_KEEPIDLE of ${idleS} s or less in the program, or for all that turn ` +
      `it on net.ipv4.tcp_keepalive_time = ${idleS}` +
      (isLate ? ` (${whose(time)} is ${time.value} s: too late).` : '.'),
    'In the pool: an idle timeout below that time, so that connections are closed before they are forgotten, or a ' +
      'ping of the protocol (HTTP/2 PING, SELECT 1).',
    'At the box: a longer timeout for established connections (nf_conntrack_tcp_timeout_established, the idle timeout of ' +
      'the balancer), and RST to both ends when it is over.',
    'TCP_USER_TIMEOUT in the program, so that it notices after seconds rather than minutes.',
  ];
}

function certaintyOf(group: CaseGroup, silences: readonly number[]): Certainty {
  return group.number('last_heard_us') > group.sinceUs
    ? likely('each for itself, while others were still heard of')
    : possible(`${silences.length} silences alike, but all at one time: an end may have gone down`);
}
