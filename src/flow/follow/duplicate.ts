import type { Segment } from '../../decode/segment.ts';
import type { Flows } from '../table/flows.ts';
import { DIGEST, DUPLICATES, END_NUMBER_WIDTH, END_WIDTH, SEEN_AT } from '../table/table-layout.ts';

// A frame that was captured twice (the `any` device, a SPAN port, both ends' captures merged) must not look like
// a retransmission. A retransmission has a new IP identification, and after a millisecond a new timestamp; a
// copy has the same ones.

/** A copy with the same IP identification comes within this many microseconds, below any retransmission timer. */
const COPY_WITHIN_US = 100_000;
/** The same without an IP identification (IPv6), if only TSval can differ: just under its finest usual tick, 1 ms. */
const COPY_WITHIN_TICK_US = 900;

/** The segment, which `me` sent, is a copy of one that was captured before. Counts it if so. */
export function isDuplicate(flows: Flows, me: number, s: Segment, digest: number): boolean {
  const { recent } = flows;
  if (!isCopyOfLast(flows, me, s, digest) && !(recent.isUsed && recent.isCopy(s, digest))) return false;
  flows.add(me, DUPLICATES);
  flows.signsOf(flows.file).copies++;
  return true;
}

/** It is like the last segment of its sender, and came too soon to be sent again. */
function isCopyOfLast({ table }: Flows, me: number, s: Segment, digest: number): boolean {
  if (table.end[me * END_WIDTH + DIGEST] !== digest) return false;
  const gap = s.timeUs - table.endNumber[me * END_NUMBER_WIDTH + SEEN_AT]!;
  const within = s.ipId !== 0 ? COPY_WITHIN_US : s.hasTimestamps ? COPY_WITHIN_TICK_US : 0;
  return gap >= 0 && gap < within;
}

/** The peer has asked again: what this endpoint sends next is an answer to that, even if it is like its last segment. */
export function expectsAnswer(flows: Flows, me: number): void {
  flows.set(me, DIGEST, 0);
}
