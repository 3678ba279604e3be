import { code } from '../format/word-table.ts';
import { MEANINGS, STACKS, STATES } from '../format/words.ts';
import { evidenceOf, isSettled, RCV_ACK_OF_FIN, RCV_ACK_OF_SYN, SENT, SND_FIN } from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import { HAS_SYN, SEGMENTS } from '../table/table-layout.ts';

// A state whose segment is not acknowledged has to repeat it (RFC 6298 5). An end that no longer does, though
// others of its host were captured, has given up: its socket is gone.

const SYN_SENT = code(STATES, 'SYN_SENT');
const SYN_RECEIVED = code(STATES, 'SYN_RECEIVED');
const FIN_WAIT_1 = code(STATES, 'FIN_WAIT_1');
const CLOSING = code(STATES, 'CLOSING');
const LAST_ACK = code(STATES, 'LAST_ACK');

/** What a handshake repeats, and what a close does, with the repeats. */
const OF_OPENING = meanings('SYN', 'retransmitted SYN', 'SYN-ACK', 'retransmitted SYN-ACK');
const OF_CLOSE = meanings(
  'FIN',
  'FIN, ACK of FIN',
  'retransmitted FIN',
  'retransmitted data',
  'spurious retransmitted FIN',
  'spurious retransmitted data',
);

/** The first repeat comes after a second; Windows repeats a SYN after three. */
const FIRST_US = 1e6;
const FIRST_WINDOWS_US = 3e6;
const WINDOWS = code(STACKS, 'windows');
/** The back-off doubles up to this (Linux TCP_RTO_MAX). */
const LONGEST_US = 120e6;

/** The state has to repeat its segment until that is acknowledged. */
export function hasToRepeat(state: number): boolean {
  return (
    state === SYN_SENT ||
    state === SYN_RECEIVED ||
    state === FIN_WAIT_1 ||
    state === CLOSING ||
    state === LAST_ACK
  );
}

/**
 * When an end in a state that has to repeat had given up, microseconds since the epoch: when its next repeat was
 * due. NaN if it may still be there.
 * @param now how far the flow was watched
 */
export function gaveUpAt(flows: Flows, me: number, state: number, now: number): number {
  const isOpening = state === SYN_SENT || state === SYN_RECEIVED;
  const { last, interval } = lastRepeat(flows, me, isOpening ? OF_OPENING : OF_CLOSE);
  // No stack gives up a FIN that it has sent once: see below.
  if (!isOpening && (interval === 0 || flows.get(me ^ 1, SEGMENTS) === 0)) return Number.NaN;
  return overdueAt(flows, me, last, interval, now);
}

/**
 * When the answer to what an end has to repeat must have come that was not captured: the ACK of its FIN, or of a
 * handshake what follows the SYN-ACK. That is when the repeat was due, which no stack leaves out. NaN if it may still
 * wait for the answer.
 * @param now how far the flow was watched
 */
export function answeredUnseenAt(flows: Flows, me: number, now: number): number {
  const { table } = flows;
  // Of a capture of one direction all answers are missing.
  if (flows.get(me ^ 1, SEGMENTS) === 0) return Number.NaN;
  if (evidenceOf(table, me, SND_FIN) === SENT) {
    return isSettled(table, me, RCV_ACK_OF_FIN) ? Number.NaN : unrepeatedAt(flows, me, OF_CLOSE, now);
  }
  return isSettled(table, me, RCV_ACK_OF_SYN) ? Number.NaN : openedUnseenAt(flows, me, now);
}

/**
 * Both ends have sent their SYN, and neither has repeated it, though both hosts were seen since, and the capture has
 * no ACK at all.
 */
function openedUnseenAt(flows: Flows, me: number, now: number): number {
  if (flows.kinds.isMixed || !flows.has(me, HAS_SYN) || !flows.has(me ^ 1, HAS_SYN)) return Number.NaN;
  const client = unrepeatedAt(flows, me & ~1, OF_OPENING, now);
  const server = unrepeatedAt(flows, me | 1, OF_OPENING, now);
  // A server that answers by SYN cookies repeats nothing, but a client does that has not got the SYN-ACK.
  return Number.isNaN(client) || Number.isNaN(server) ? Number.NaN : server;
}

function unrepeatedAt(flows: Flows, me: number, repeated: ReadonlySet<number>, now: number): number {
  const { last, interval } = lastRepeat(flows, me, repeated);
  return interval === 0 ? overdueAt(flows, me, last, interval, now) : Number.NaN;
}

/** When an end sent one of these segments for the last time, and how long after the time before; 0 for never. */
function lastRepeat(
  { table, trails }: Flows,
  me: number,
  repeated: ReadonlySet<number>,
): { last: number; interval: number } {
  let last = 0;
  let before = 0;
  for (let entry = trails.first(table, me >> 1); entry !== 0; entry = trails.nextOf(entry)) {
    if (trails.sideOf(entry) !== (me & 1) || !repeated.has(trails.meaningOf(entry))) continue;
    before = last;
    last = trails.atOf(entry);
  }
  return { last, interval: before === 0 ? 0 : last - before };
}

/** When the next repeat was due, if it is overdue by as much again and the host was seen after that; else NaN. */
function overdueAt(flows: Flows, me: number, last: number, interval: number, now: number): number {
  if (last === 0) return Number.NaN;
  const { table, hosts } = flows;
  const first = flows.stackOf(me) === WINDOWS ? FIRST_WINDOWS_US : FIRST_US;
  const next = interval === 0 ? first : Math.min(Math.max(2 * interval, first), LONGEST_US);
  const overdue = last + 2 * next;
  if (now < overdue || hosts.lastSeen(table.key, table.addressOf(me)) < overdue) return Number.NaN;
  return last + next;
}

function meanings(...words: readonly (typeof MEANINGS)[number][]): ReadonlySet<number> {
  return new Set(words.map((word) => code(MEANINGS, word)));
}
