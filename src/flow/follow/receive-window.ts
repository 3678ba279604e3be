import { RST, SYN } from '../../decode/segment.ts';
import { factOf, RCV_RST } from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import {
  END_NUMBER_WIDTH,
  RCV_NXT,
  SEEN_AT,
  WINDOW_CLOSED,
  WINDOW_CLOSED_US,
} from '../table/table-layout.ts';

// How long an end had its receive window closed (RFC 9293 3.8.6): from a segment with window 0 to its next one
// with a window. The time is added up segment by segment.

const LONGEST_US = 2 ** 32 - 1;

/**
 * The window in the current segment of `me`, which is 0, or follows one of 0. An older segment that comes late has
 * an old window, a SYN its first; that of an RST means nothing, but its sender is gone.
 */
export function noteWindow(flows: Flows, me: number): void {
  const { segment: s } = flows;
  if (flows.has(me, WINDOW_CLOSED)) {
    const us = flows.get(me, WINDOW_CLOSED_US) + Math.max(s.timeUs - flows.lastSeen, 0);
    flows.set(me, WINDOW_CLOSED_US, Math.min(us, LONGEST_US));
  }
  if ((s.flags & RST) !== 0) flows.unmark(me, WINDOW_CLOSED);
  else if ((s.flags & SYN) !== 0 || s.ack !== flows.get(me, RCV_NXT)) return;
  else if (s.window === 0) flows.mark(me, WINDOW_CLOSED);
  else flows.unmark(me, WINDOW_CLOSED);
}

/** Microseconds for which its receive window was closed, until an RST ended it or the flow's last segment. */
export function closedWindowUs(flows: Flows, me: number): number {
  const us = flows.get(me, WINDOW_CLOSED_US);
  if (!flows.has(me, WINDOW_CLOSED)) return us;
  const { table, trails } = flows;
  const reset = factOf(table, me, RCV_RST);
  const until = reset === 0 ? flows.lastAt(me >> 1) : trails.atOf(reset);
  return Math.min(us + Math.max(until - table.endNumber[me * END_NUMBER_WIDTH + SEEN_AT]!, 0), LONGEST_US);
}
