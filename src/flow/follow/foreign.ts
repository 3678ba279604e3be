import { ACK, FIN, SYN } from '../../decode/segment.ts';
import { isAfter, isAtOrAfter, LARGEST_WINDOW, seqStep } from '../../decode/sequence.ts';
import { code } from '../format/word-table.ts';
import { MEANINGS } from '../format/words.ts';
import { evidenceOf, isAsking, SENT, SND_SYN } from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import {
  BASE,
  BITS,
  BYTES,
  END_NUMBER_WIDTH,
  HAS_SYN,
  LOGGED_OUT_OF_WINDOW,
  SCALE_SHIFT,
  SND_NXT,
} from '../table/table-layout.ts';

// Segments that are not of this connection, though they have its 4-tuple: an old connection that was not
// captured answers a SYN (RFC 9293 3.5.1), or a firewall between two capture points translates the numbers.

/** The largest window without window scaling (RFC 9293 3.1). */
export const UNSCALED_WINDOW = 65_535;

const OUT_OF_WINDOW = code(MEANINGS, 'data out of window');
const CHALLENGE_ACK = code(MEANINGS, 'challenge ACK');

/** The current segment, which `me` sent, is not of this connection: its numbers are another one's. */
export function isForeign(flows: Flows, me: number): boolean {
  if (answersOtherSyn(flows, me)) {
    flows.note(me, CHALLENGE_ACK);
    return true;
  }
  return hasOtherNumbers(flows, me);
}

/**
 * The current RST, which `me` sent in SYN_SENT, answers such an ACK: it ends the old connection, not this
 * (3.10.7.3). One that answers a SYN-ACK of something else counts until the SYN is accepted after all.
 */
export function resetsForeign(flows: Flows, me: number): boolean {
  const { segment: s, table, trails } = flows;
  if ((s.flags & ACK) !== 0 || !isAsking(table, me)) return false;
  for (let entry = trails.first(table, me >> 1); entry !== 0; entry = trails.nextOf(entry)) {
    const answers = trails.meaningOf(entry) === CHALLENGE_ACK && trails.ackOf(entry) === s.seq;
    if (answers) return (trails.flagsOf(entry) & SYN) === 0;
  }
  return !isAtOrAfter(s.seq, flows.get(me, BASE)) || isAfter(s.seq, flows.get(me, SND_NXT));
}

/** Both ISNs are known, and it is before them, or far from where both ends are now. */
function hasOtherNumbers(flows: Flows, me: number): boolean {
  const peer = me ^ 1;
  const { seq, ack, flags } = flows.segment;
  if (!flows.has(me, HAS_SYN) || !flows.has(peer, HAS_SYN)) return false;
  if (isBeforeIsn(flows, me, seq)) return true;
  if ((flags & ACK) === 0) return false;
  return isBeforeIsn(flows, peer, ack) || (isFar(flows, me, seq) && isFar(flows, peer, ack));
}

/** The number is before the first one of an endpoint, whose numbers have not come round again. */
function isBeforeIsn(flows: Flows, me: number, number: number): boolean {
  const bytes = flows.table.endNumber[me * END_NUMBER_WIDTH + BYTES]!;
  return seqStep(number, flows.get(me, BASE)) < 0 && bytes < 2 ** 31;
}

/** The number is further ahead of an endpoint than any window. */
function isFar(flows: Flows, me: number, number: number): boolean {
  return seqStep(number, flows.get(me, SND_NXT)) > LARGEST_WINDOW;
}

/** The number is further ahead than the peer's window lets an endpoint send, by the scales in their SYNs (RFC 7323 2.2). */
export function isBeyondWindow(flows: Flows, me: number, number: number): boolean {
  const step = seqStep(number, flows.get(me, SND_NXT));
  return step > UNSCALED_WINDOW && step > largestWindowOf(flows, me ^ 1);
}

/** Data beyond the peer's window: the first is enough, of a hole in the capture many are. */
export function noteOutOfWindow(flows: Flows, me: number): void {
  if (flows.has(me, LOGGED_OUT_OF_WINDOW)) return;
  flows.mark(me, LOGGED_OUT_OF_WINDOW);
  flows.note(me, OUT_OF_WINDOW);
}

function largestWindowOf(flows: Flows, me: number): number {
  const mine = flows.get(me, BITS) >>> SCALE_SHIFT;
  const peers = flows.get(me ^ 1, BITS) >>> SCALE_SHIFT;
  if (mine === 0 || peers === 0) return LARGEST_WINDOW;
  return mine === 1 || peers === 1 ? UNSCALED_WINDOW : UNSCALED_WINDOW << (mine - 2);
}

/** The peer's SYN was captured, and this is an ACK or a SYN-ACK of something else. */
function answersOtherSyn(flows: Flows, me: number): boolean {
  const peer = me ^ 1;
  const { segment: s, table } = flows;
  if ((s.flags & (ACK | FIN)) !== ACK || evidenceOf(table, peer, SND_SYN) !== SENT) return false;
  if ((s.flags & SYN) === 0 && (s.payloadLength > 0 || !isAsking(table, peer))) return false;
  return !isAfter(s.ack, flows.get(peer, BASE)) || isAfter(s.ack, flows.get(peer, SND_NXT));
}
