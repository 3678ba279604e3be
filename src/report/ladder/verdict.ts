import { ENDPOINTS, type Endpoint, type StateName } from '../../flow/format/words.ts';
import { icmpMeaning, icmpName } from '../icmp.ts';
import { endName } from '../name.ts';
import { counted, duration } from '../units.ts';
import type { Ladder, LadderFlow, LadderTimeWait } from './ladder.ts';
import {
  CLOSE_KIND,
  PROFILE,
  PROFILE_REASON,
  RESET_KIND,
  RESET_REASON,
  ROLE,
  TIME_WAIT_END,
  TIME_WAIT_REASON,
} from './verdict-words.ts';

/** States in which an end waits for its peer, its program or the network; TIME_WAIT has lines of its own. */
const WAITING: readonly StateName[] = ['FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSING', 'CLOSE_WAIT', 'LAST_ACK'];

/** Shorter than this, and an end was not idle, microseconds. */
const NOTABLE_IDLE_US = 100_000;
/** As long as this, and a silence before an RST may be why it was sent, microseconds. */
const LONG_SILENCE_US = 1_000_000;

/** Instead of a kind's sentence that says that nothing was sent, if something was that was not accepted. */
const WITHOUT_CLOSE: Partial<Record<LadderFlow['close_kind'], string>> = {
  half: 'The other end has not closed.',
  reset: 'RST ended the connection.',
  open: 'Neither end has closed.',
};

/** What a flow's ladder comes to, a sentence or two a line: who closed, how, how long each waited, on what evidence. */
export function verdictOf(ladder: Ladder): string[] {
  const { flow, timeWaits } = ladder;
  return [
    close(ladder),
    ...translation(flow),
    ...icmp(ladder),
    ...reset(flow),
    ...lateData(flow),
    ...ENDPOINTS.flatMap((end) => [
      ...waits(ladder, end),
      ...timeWaits.filter(({ endpoint }) => endpoint === end).map(timeWait),
    ]),
    ...ENDPOINTS.flatMap((end) => finsAgain(ladder, end)),
    ...(flow.evicted
      ? ['finwait evicted this flow to bound its memory: later segments are not part of it.']
      : []),
    ...(ROLE[flow.role_evidence] === '' ? [] : [ROLE[flow.role_evidence]]),
  ];
}

/** A time of the flow as the ladder has it, in seconds after its first segment. */
export function flowTime(us: number): string {
  return (us / 1e6).toFixed(6);
}

function close(ladder: Ladder): string {
  const { flow } = ladder;
  const { closed_first: who, close_started_us: started, first_us, close_kind } = flow;
  const kind =
    unseenEnd(flow) ?? (takenBack(flow) ? WITHOUT_CLOSE[close_kind] : undefined) ?? CLOSE_KIND[close_kind];
  if (started === null || close_kind === 'refused') return kind;
  const at = flowTime(started - first_us);
  if (who === null) return unknownFirst(ladder, at);
  if (who === 'both') return `Both ends closed at once: their FINs crossed, the first at ${at}. ${kind}`;
  if (hadClosedBefore(flow, who))
    return `The ${who} had closed before, unseen; FIN of the ${otherThan(who)} came at ${at}.`;
  if (flow[`${who}_fin_us`] !== started) return `The ${who} closed first, with RST at ${at}. ${kind}`;
  const missed = missedFin(ladder, who, at);
  if (missed !== undefined) return `The ${who} closed first, with ${missed}. ${kind}`;
  return `The ${who} closed first, with FIN at ${at}. ${kind}`;
}

/** Where only one end was captured, what the other has not sent is not known. */
function unseenEnd(flow: LadderFlow): string | undefined {
  if (flow.close_kind !== 'half' && flow.close_kind !== 'open') return undefined;
  const unseen = ENDPOINTS.find(
    (end) => flow[`${end}_segments`] === 0 && flow[`${otherThan(end)}_segments`] > 0,
  );
  return unseen && `Of the ${unseen} nothing was captured.`;
}

/** A FIN that only its acknowledgment shows; undefined where it was captured itself. */
function missedFin({ flow, states }: Ladder, of: Endpoint, at: string): string | undefined {
  const shown = states.find(
    ({ endpoint, evidence, entered_us }) =>
      endpoint === of && evidence === 'inferred' && entered_us === flow[`${of}_fin_us`],
  );
  if (shown === undefined) return undefined;
  const frame = shown.entered_frame === null ? '' : ` (frame ${shown.entered_frame})`;
  return `a FIN that was not captured; the ${otherThan(of)} acknowledged it at ${at}${frame}`;
}

/** Its kernel says that it had closed; of packets, the first sign of a close is the other end's FIN. */
function hadClosedBefore(flow: LadderFlow, who: Endpoint): boolean {
  if (flow[`${who}_fin_us`] !== null || flow.reset_by === who) return false;
  return flow[`${otherThan(who)}_fin_us`] === flow.close_started_us;
}

const otherThan = (who: Endpoint): Endpoint => (who === 'client' ? 'server' : 'client');

/** Its ends as they are on the other side of a NAT. */
function translation(flow: LadderFlow): string[] {
  const ends = ENDPOINTS.flatMap((end) => {
    const [ip, port] = [flow[`${end}_translated_ip`], flow[`${end}_translated_port`]];
    return ip === null || port === null ? [] : [`the ${end} is ${endName(ip, port)}`];
  });
  if (ends.length === 0) return [];
  return [`Captured on both sides of a NAT: on the other side, ${ends.join(' and ')}.`];
}

/** What came beside the segments; it changes no state. */
function icmp({ flow, segments }: Ladder): string[] {
  const { icmp_type: type, icmp_code: code, icmp_from_ip: sender, client_ip } = flow;
  if (type === null || code === null) return [];
  const quoted = segments.find(({ meaning }) => meaning === 'ICMP error')?.endpoint;
  const what = `${icmpName(type, code, client_ip)} (${icmpMeaning(type, code, client_ip)})`;
  const about = quoted === undefined ? 'a segment' : `a segment of the ${quoted}`;
  return [sender === null ? `${what} came about ${about}.` : `${sender} sent ${what} about ${about}.`];
}

/** The other end may have closed before the capture began, or where it has nothing. */
function unknownFirst(ladder: Ladder, at: string): string {
  const { flow } = ladder;
  const isFirst = (end: Endpoint) =>
    flow[`${end}_fin_us`] === flow.close_started_us ||
    (flow[`${end}_fin_us`] === null && flow.reset_by === end);
  const first = ENDPOINTS.find(isFirst) ?? 'client';
  const seen = `${flow[`${first}_fin_us`] === null ? 'RST' : 'FIN'} of the ${first} at ${at}`;
  const missed = missedFin(ladder, first, at);
  const sign = missed === undefined ? seen : missed.replace('a FIN', `a FIN of the ${first}`);
  return `The first sign of a close is ${sign}; whether the ${otherThan(first)} had closed before is not known.`;
}

/** An end that has not closed has sent a FIN or an RST all the same, which was not accepted. */
function takenBack(flow: LadderFlow): boolean {
  return ENDPOINTS.some((end) => {
    const rsts = flow.close_kind === 'reset' ? 0 : flow[`${end}_rsts`];
    return flow[`${end}_fin_us`] === null && flow[`${end}_fins`] + rsts > 0;
  });
}

/** How late the data was that an RST answers: after an idle time, it is what a pool of idle connections sends. */
function lateData(flow: LadderFlow): string[] {
  const { late_data_us: late, idle_before_close_us: idle, closed_first: who } = flow;
  if (flow.reset_kind !== 'data-after-close' || late === null || idle === null) return [];
  if (who === null || who === 'both') return [];
  const what = flow.late_data_is_alert === 1 ? 'a TLS alert' : 'data';
  const when = `${duration(Math.abs(late))} ${late < 0 ? 'before' : 'after'} the ${who}'s FIN`;
  const came = `${what} of the ${otherThan(who)} came ${when}.`;
  if (idle >= NOTABLE_IDLE_US) return [`The ${who} had been idle for ${duration(idle)}; ${came}`];
  return [came.charAt(0).toUpperCase() + came.slice(1)];
}

/** A kind without an end is an RST that ended nothing: its sender took it back. */
function reset(flow: LadderFlow): string[] {
  const { reset_by: by, reset_kind: kind, reset_evidence: evidence } = flow;
  if (kind === null) return [];
  const what = by === null ? 'An RST that ended nothing came' : `The ${by} sent RST`;
  const reason = evidence === null ? '' : RESET_REASON[evidence];
  return [
    `${what}, ${[RESET_KIND[kind], reason].filter((text) => text !== '').join('; ')}.`,
    ...silence(flow),
  ];
}

/** A timer may have run out: an abort after a long silence is often that of a limit on idle connections. */
function silence(flow: LadderFlow): string[] {
  const { reset_by: by, closed_first: who, idle_before_close_us: idle, reset_kind: kind } = flow;
  if (kind !== 'unread-data-or-linger' || by === null || by !== who) return [];
  if (idle === null || idle < LONG_SILENCE_US) return [];
  return [`Before that RST the ${by} had sent and acknowledged no data for ${duration(idle)}.`];
}

function waits({ flow, states }: Ladder, end: Endpoint): string[] {
  const until = flow.evicted ? 'until finwait evicted the flow' : 'until the capture ended';
  const waited = states
    .filter(({ endpoint, state }) => endpoint === end && WAITING.includes(state))
    // What one segment begins and ends was no wait.
    .filter(({ entered_us, left_us }) => left_us !== entered_us)
    .map(({ state, entered_us, left_us }) =>
      left_us === null
        ? `${state} for at least ${duration(flow.observed_us - entered_us)}, ${until}`
        : `${state} for ${duration(left_us - entered_us)}`,
    );
  return waited.length === 0 ? [] : [`The ${end} was in ${waited.join(', ')}.`];
}

function timeWait(wait: LadderTimeWait): string {
  const { endpoint, ended_by, evidence, rearmed, expected_us, profile, profile_evidence } = wait;
  const proof = [TIME_WAIT_END[ended_by], TIME_WAIT_REASON[evidence]].filter((words) => words !== '');
  const whose = profile === 'given' ? [PROFILE.given] : [PROFILE[profile], PROFILE_REASON[profile_evidence]];
  const again =
    rearmed > 0
      ? `; ${rearmed === 1 ? 'a late segment' : 'late segments'} re-armed it ${times(rearmed)}`
      : '';
  return [
    `TIME_WAIT of the ${endpoint}: ${[...length(wait), proof.join('; ')].join(', ')}.`,
    `Expected: ${Number((expected_us / 1e6).toPrecision(4))} s (${whose.join(', ')})${again}.`,
  ].join(' ');
}

/** What is proven of its length; where it is censored, that it lasted until then. */
function length({ at_least_us: least, at_most_us: most, evidence }: LadderTimeWait): string[] {
  if (most === null) return least > 0 || evidence === 'none' ? [`at least ${duration(least)}`] : [];
  if (most === least) return [duration(most)];
  return [least > 0 ? `at least ${duration(least)}, at most ${duration(most)}` : `at most ${duration(most)}`];
}

function finsAgain({ flow, segments }: Ladder, end: Endpoint): string[] {
  const fins = flow[`${end}_fins`];
  if (fins > 0 && flow[`${end}_fin_us`] === null && WITHOUT_CLOSE[flow.close_kind] !== undefined) {
    const what = fins === 1 ? 'a FIN, which was not' : `${counted(fins, 'FIN')}, none of which was`;
    return [`The ${end} sent ${what} accepted.`];
  }
  if (fins < 2) return [];
  const isReported = segments.some(
    ({ endpoint, meaning }) => endpoint === end && meaning === 'spurious retransmitted FIN',
  );
  const receiver = ENDPOINTS.find((other) => other !== end);
  const report = isReported ? `; the ${receiver} reports by D-SACK that it had arrived before` : '';
  return [`The ${end} sent its FIN ${times(fins)}${report}.`];
}

const times = (n: number) => (n === 1 ? 'once' : n === 2 ? 'twice' : counted(n, 'time'));
