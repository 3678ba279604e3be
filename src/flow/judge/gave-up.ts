import { code } from '../format/word-table.ts';
import { MEANINGS, STACKS, STATES } from '../format/words.ts';
import type { Flows } from '../table/flows.ts';
import { SEGMENTS } from '../table/table-layout.ts';

// A state whose segment is not acknowledged has to repeat it (RFC 6298 5). An end that no longer does, though
// others of its host were captured, has given up: its socket is gone.

const SYN_SENT = code(STATES, 'SYN_SENT');
const SYN_RECEIVED = code(STATES, 'SYN_RECEIVED');
const FIN_WAIT_1 = code(STATES, 'FIN_WAIT_1');
const CLOSING = code(STATES, 'CLOSING');
const LAST_ACK = code(STATES, 'LAST_ACK');

/** Meanings of the segments that these states repeat, and of their repeats. */
const REPEATED = new Set(
  (
    [
      'SYN',
      'retransmitted SYN',
      'SYN-ACK',
      'retransmitted SYN-ACK',
      'FIN',
      'FIN, ACK of FIN',
      'retransmitted FIN',
      'retransmitted data',
    ] as const
  ).map((word) => code(MEANINGS, word)),
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
 * due. NaN if it may still be there: the repeat has to be overdue by as much again, and the host to have been
 * seen after that.
 * @param now how far the flow was watched
 */
export function gaveUpAt(flows: Flows, me: number, state: number, now: number): number {
  const { table, trails, hosts } = flows;
  const isOpening = state === SYN_SENT || state === SYN_RECEIVED;
  // Of a capture of one direction the acknowledgment may be missing.
  if (!isOpening && flows.get(me ^ 1, SEGMENTS) === 0) return Number.NaN;
  let last = 0;
  let before = 0;
  for (let entry = trails.first(table, me >> 1); entry !== 0; entry = trails.nextOf(entry)) {
    if (trails.sideOf(entry) !== (me & 1) || !REPEATED.has(trails.meaningOf(entry))) continue;
    before = last;
    last = trails.atOf(entry);
  }
  if (last === 0) return Number.NaN;
  const first = flows.stackOf(me) === WINDOWS ? FIRST_WINDOWS_US : FIRST_US;
  const next = before === 0 ? first : Math.min(Math.max(2 * (last - before), first), LONGEST_US);
  const overdue = last + 2 * next;
  if (now < overdue || hosts.lastSeen(table.key, table.addressOf(me)) < overdue) return Number.NaN;
  return last + next;
}
