import { isAfter, seqAdd } from '../../decode/sequence.ts';
import type { Flows } from '../table/flows.ts';
import {
  BITS,
  DATA_AT,
  DATA_LENGTH,
  END_NUMBER_WIDTH,
  HAS_ACK,
  HAS_FIN,
  RCV_NXT,
  REPEATS_MASK,
  REPEATS_SHIFT,
  SEEN_AT,
  SND_NXT,
} from '../table/table-layout.ts';
import { lengthIn } from '../table/trail.ts';

// Data that is sent again and again while nothing comes of the peer. Whatever the peer sends clears the count
// (follow.ts).

/** So many times again: sent three times. */
const SEVERAL = 2;
/** Longer than any round trip with a delayed ACK. */
const UNDER_WAY_US = 1_000_000;

/** The current segment, data that `me` sends again, counts if it holds the first byte that is not acknowledged. */
export function countRepeat(flows: Flows, me: number): void {
  const { seq, payloadLength } = flows.segment;
  const peer = me ^ 1;
  const last = seqAdd(seq, payloadLength);
  const acked = flows.get(peer, RCV_NXT);
  // Of a peer of which nothing was captured no number is known: then it has to be the last that was sent.
  const isAwaited = flows.has(peer, HAS_ACK)
    ? isAfter(last, acked) && !isAfter(seq, acked)
    : last === flows.get(me, SND_NXT);
  if (isAwaited && repeats(flows, me) < 3) flows.set(me, BITS, flows.get(me, BITS) + (1 << REPEATS_SHIFT));
}

/**
 * It sent three times or more what was never acknowledged, and nothing came of its peer since, but what was under way
 * when it sent its last new data.
 */
export function isUnheard(flows: Flows, me: number): boolean {
  const peer = me ^ 1;
  if (repeats(flows, me) < SEVERAL || lengthIn(flows.get(me, DATA_LENGTH)) === 0) return false;
  if (!flows.has(peer, HAS_ACK)) return true;
  const { endNumber } = flows.table;
  const heard = endNumber[peer * END_NUMBER_WIDTH + SEEN_AT]!;
  if (heard - endNumber[me * END_NUMBER_WIDTH + DATA_AT]! > UNDER_WAY_US) return false;
  const next = seqAdd(flows.get(me, SND_NXT), flows.has(me, HAS_FIN) ? -1 : 0);
  return isAfter(next, flows.get(peer, RCV_NXT));
}

function repeats(flows: Flows, me: number): number {
  return (flows.get(me, BITS) & REPEATS_MASK) >>> REPEATS_SHIFT;
}
