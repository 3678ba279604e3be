import { expect } from 'vitest';
import { type End, type FlowResult, shown } from './result.ts';
import { swapEnds } from './script.ts';

// Scripts that tests begin with, each built on the one before. Capture near the client, frames 1 to 7.

/** Frames 1 to 3, until 0.02 s. */
export const ESTABLISHED = `
  +0     c S  0
  +0.010 s S. 0 ack 1
  +0.010 c .  1 ack 1`;

/** Frames 4 and 5: the client's FIN at 1.02 s and its ACK at 1.03 s. */
export const HALF_CLOSED = `${ESTABLISHED}
  +1     c F. 1 ack 1
  +0.010 s .  1 ack 2`;

/** Frames 6 and 7: the server's FIN at 1.04 s and its ACK at 1.05 s. The client holds the TIME_WAIT from 1.04 s on. */
export const CLOSED = `${HALF_CLOSED}
  +0.010 s F. 1 ack 2
  +0.010 c .  2 ack 2`;

/** The same, but the server closes first and holds the TIME_WAIT. */
export const CLOSED_BY_SERVER = `${ESTABLISHED}
  +1     s F. 1 ack 1
  +0.010 c .  1 ack 2
  +0.010 c F. 1 ack 2
  +0.010 s .  2 ack 2`;

/** Whose part the `c` of a script plays, and what makes it so. */
export const SIDES = [
  ['the client', (script: string) => script],
  ['the server', swapEnds],
] as const;

/** The client's states through the handshake. */
export const OPENED = 'SYN_SENT ESTABLISHED';
/** The server's. */
export const ACCEPTED = 'SYN_RECEIVED ESTABLISHED';

/** Expects the two paths, what comes before ESTABLISHED included. */
export function expectPaths(flow: FlowResult, client: string, server: string): void {
  expect({ client: flow.client, server: flow.server }).toEqual({ client, server });
}

/** The states of an endpoint from one on, a line each: `FIN_WAIT_1 1.02 #4 sent`. */
export function statesFrom(flow: FlowResult, end: End, state: string): string[] {
  const lines = shown(flow.stateTimes[end]);
  const at = lines.findIndex((line) => line.startsWith(`${state} `));
  return at < 0 ? [] : lines.slice(at);
}

/** What the segment of a frame meant in a flow. */
export function meaningOf(flow: FlowResult, frame: number): string | undefined {
  return flow.segments.find((segment) => segment.frame === frame)?.meaning;
}
