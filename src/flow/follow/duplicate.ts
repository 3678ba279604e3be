import type { Segment } from '../../decode/segment.ts';
import type { Flows } from '../table/flows.ts';
import type { FlowTable } from '../table/table.ts';
import { DIGEST, DUPLICATES, END_NUMBER_WIDTH, END_WIDTH, SEEN_AT } from '../table/table-layout.ts';

// A frame that was captured twice (the `any` device, a SPAN port, both sides of a router) must not look like
// a retransmission. A retransmission has a new IP identification, and after a millisecond a new timestamp; a
// copy has the same ones and comes within the time of a hop.

/** A copy with the same IP identification comes within this many microseconds, below any retransmission timer. */
const COPY_WITHIN_US = 100_000;
/** The same without an IP identification (IPv6), if only TSval can differ: just under its finest usual tick, 1 ms. */
const COPY_WITHIN_TICK_US = 900;

/**
 * A digest of the fields that a router does not change. The SACK blocks are among them: duplicate ACKs within
 * a millisecond may differ in nothing else.
 */
export function digestOf(s: Segment): number {
  let h = Math.imul(s.seq ^ 0x9e3779b1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ s.ack, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ s.tsVal ^ s.sackDigest, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 15) ^ ((s.ipId << 16) | s.window), 0x165667b1);
  h = Math.imul(h ^ (h >>> 13) ^ ((s.payloadLength << 8) | s.flags), 0x9e3779b1);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The segment is a copy of the endpoint's last one. Counts it if so, and keeps its digest if not. */
export function isDuplicate(table: FlowTable, me: number, s: Segment, digest: number): boolean {
  const e = me * END_WIDTH;
  if (table.end[e + DIGEST] !== digest) {
    table.end[e + DIGEST] = digest;
    return false;
  }
  const gap = s.timeUs - table.endNumber[me * END_NUMBER_WIDTH + SEEN_AT]!;
  const within = s.ipId !== 0 ? COPY_WITHIN_US : s.hasTimestamps ? COPY_WITHIN_TICK_US : 0;
  if (gap < 0 || gap >= within) return false;
  table.end[e + DUPLICATES]!++;
  return true;
}

/** The peer has asked again: what this endpoint sends next is an answer to that, even if it is like its last segment. */
export function expectsAnswer(flows: Flows, me: number): void {
  flows.set(me, DIGEST, 0);
}
