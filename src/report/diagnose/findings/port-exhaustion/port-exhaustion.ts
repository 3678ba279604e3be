import { count, duration } from '../../../units.ts';
import { NOT_TO_DO, REMEDIES, stackNote } from '../../family/client-time-waits/time-wait-advice.ts';
import {
  CLIENT_TIME_WAITS,
  GONE_US,
  groupBusyClients,
  isLoopback,
  MARKS,
  MEASURES,
  type Pace,
  paceOf,
} from '../../family/client-time-waits/time-wait-cases.ts';
import type { CaseGroup, Cases } from '../../frame/cases.ts';
import { type Certainty, type Conclusion, certain, likely, possible } from '../../frame/conclusion.ts';
import type { Severity } from '../../frame/finding.ts';
import { portsLastUs, safeRate } from '../../frame/forecast.ts';
import { rateNumber, settingDuration } from '../../frame/number-text.ts';
import { ifAny, type OptionalNumbers } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { PAIR, pairSubject } from '../../frame/subjects.ts';
import type { PortRange } from '../../frame/sysctl.ts';

const CASES: Cases = {
  sql: CLIENT_TIME_WAITS,
  by: PAIR,
  measures: {
    ...MEASURES,
    // A port is taken from the SYN on.
    peak: `standing_peak(first_us, ${GONE_US})`,
    lowest_port: 'min(client_port)',
    highest_port: 'max(client_port)',
    reused: "sum(ended_by = 'reopened')",
    recycled: "sum(evidence = 'isn-65537')",
  },
  having: 'count >= :closes',
  marks: ['SYN', ...MARKS],
};

/** Shares of the ports, in percent: what is as good as all; what makes a forecast more than a guess. */
const NEARLY_ALL = 90;
const WORTH_A_FORECAST = 10;
/** All ports that a host or a NAT can take for connections. */
const WIDEST: PortRange = { first: 1024, last: 65_535, count: 64_512, whose: 'the widest', isGiven: false };

/** A client whose TIME_WAITs take the local ports for one server and port. */
export const portExhaustion: Rule = {
  code: 'port-exhaustion',
  title: 'local ports of a client for one server run out',
  looksFor:
    "A client's TIME_WAITs for one server and port against the local ports it has: their share at the peak, and " +
    'the rate at which none is left.',
  thresholds: ['port-share', 'time-wait-closes'],
  candidates: 'client_time_wait IS NOT NULL',
  several: 'time-wait-closes',
  find: (db, context) =>
    groupBusyClients(
      db,
      CASES,
      context,
      ({ ip, mostOfOne }) =>
        100 * mostOfOne >= fewestPorts(ip, context) * Math.min(100, context.thresholds['port-share']),
    ).flatMap((group) => exhaustion(group, context)),
};

/** No system has fewer ports by default than Windows. */
function fewestPorts(ip: string, { sysctls }: Context): number {
  return sysctls.ports(ip, 'windows').count;
}

function exhaustion(group: CaseGroup, context: Context): Conclusion[] {
  if (isReused(group, context)) return [];
  const pace = paceOf(group);
  const { peak, lengthUs, perSecond } = pace;
  const range = portsOf(group, context);
  const share = (100 * peak.atOnce) / range.count;
  const lastUs = portsLastUs({ ports: range.count, taken: peak.atOnce, perSecond, lengthUs });
  const severity = severityOf(share, lastUs !== undefined, context.thresholds['port-share']);
  if (severity === undefined) return [];
  const exhaustedAtUs = lastUs === undefined ? undefined : peak.atUs + lastUs;
  return [
    {
      group,
      severity,
      subject: pairSubject(group),
      numbers: numbersOf(group, pace, range, exhaustedAtUs),
      advice: {
        title: titleOf(share, exhaustedAtUs, group.sinceUs),
        cause: causeOf(group, pace, range),
        remedies: REMEDIES,
        notToDo: NOT_TO_DO,
      },
      certainty: certaintyOf(share, pace, range),
    },
  ];
}

/** Whether the client takes ports back from TIME_WAIT, which needs timestamps: by its settings, by loopback's default, or as it did. */
function isReused(group: CaseGroup, { sysctls }: Context): boolean {
  const ip = group.text('client_ip');
  const reuse = sysctls.of(ip, 'tcp_tw_reuse').value;
  const isOn = reuse === 1 || (reuse === 2 && isLoopback(ip));
  return group.number('recycled') > 0 || (isOn && sysctls.of(ip, 'tcp_timestamps').value !== 0);
}

/** The client's local ports; if it uses others than expected, all that is known is that there are more. */
function portsOf(group: CaseGroup, { sysctls }: Context): PortRange {
  const stack = group.isNull('stack') ? null : group.text('stack');
  const range = sysctls.ports(group.text('client_ip'), stack);
  const isOutside = group.number('lowest_port') < range.first || group.number('highest_port') > range.last;
  return isOutside && !range.isGiven ? WIDEST : range;
}

function severityOf(share: number, runsOut: boolean, limit: number): Severity | undefined {
  if (share >= NEARLY_ALL || (runsOut && share >= limit)) return 'critical';
  if (share >= limit || (runsOut && share >= WORTH_A_FORECAST)) return 'warning';
  return runsOut ? 'info' : undefined;
}

function titleOf(share: number, exhaustedAtUs: number | undefined, sinceUs: number): string {
  if (share >= NEARLY_ALL) return `${Math.round(share)} % of the ports were taken: connect() fails`;
  if (exhaustedAtUs === undefined) return `${Math.round(share)} % of the ports were taken at once`;
  return `no port is left after ${duration(exhaustedAtUs - sinceUs)}, if it goes on like this`;
}

function numbersOf(
  group: CaseGroup,
  { peak, lengthUs, perSecond }: Pace,
  range: PortRange,
  exhaustedAtUs: number | undefined,
): OptionalNumbers {
  return {
    time_waits: group.count,
    ports_taken_at_once: peak.atOnce,
    ports: range.count,
    taken_percent: (100 * peak.atOnce) / range.count,
    closes_per_s: perSecond,
    safe_per_s: safeRate(range.count, lengthUs),
    time_wait_us: lengthUs,
    exhausted_after_us: exhaustedAtUs === undefined ? undefined : Math.round(exhaustedAtUs - group.sinceUs),
    exhausted_at_us: exhaustedAtUs === undefined ? undefined : Math.round(exhaustedAtUs),
    reused_early: ifAny(group.number('reused')),
  };
}

function causeOf(group: CaseGroup, { lengthUs, perSecond }: Pace, range: PortRange): string {
  const safe = rateNumber(safeRate(range.count, lengthUs));
  const words =
    `A client that closes first cannot use the port again for the same server and port while its TIME_WAIT ` +
    `stands. It has ${count(range.count)} ports (${range.first} to ${range.last}, ${range.whose}) and each is away ` +
    `for ${settingDuration(lengthUs)}: ${safe} closes a second can go on for ever, ${rateNumber(perSecond)} were seen. ` +
    'Without a port connect() fails with EADDRNOTAVAIL, and no packet tells.';
  return [words, stackNote(group)].filter((text) => text !== '').join(' ');
}

function certaintyOf(share: number, { watchedUs }: Pace, range: PortRange): Certainty {
  if (range === WIDEST) return possible('its ports are of another range than expected');
  const known = `by ${range.whose} range`;
  if (share >= NEARLY_ALL) return range.isGiven ? certain(known) : likely(known);
  const forecast = `a forecast from ${duration(watchedUs)}, ${known}`;
  return share >= WORTH_A_FORECAST ? likely(forecast) : possible(forecast);
}
