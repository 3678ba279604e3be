import { type Flow, NOON } from '../../../../record/batches.ts';

export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;

/** A client that closes at a rate. */
export interface Closes {
  count: number;
  /** A second, one after the other. */
  rate: number;
  /** Seconds that the capture goes on after the last. */
  after?: number;
  /** Seconds of the capture: those that are over by then have ended. Default: until the last close. */
  client?: string;
  server?: string;
  firstPort?: number;
  columns?: Record<string, number | string>;
}

/** Connections of a millisecond that the client closes first, as a capture sees them. */
export function closes({
  count,
  rate,
  after = 0,
  client,
  server,
  firstPort = 33_000,
  columns,
}: Closes): Flow[] {
  const endUs = ((count - 1) / rate + after) * SECOND + 1000;
  return Array.from({ length: count }, (_, i) => {
    const begun = (i / rate) * SECOND;
    const watched = endUs - begun - 1000;
    const expired = watched >= MINUTE;
    return {
      ...(client !== undefined && { client }),
      ...(server !== undefined && { server }),
      columns: {
        first: NOON + Math.round(begun),
        client_port: firstPort + (i % 28_000),
        observed: Math.round(endUs - begun),
        close_kind: 'fin',
        closed_first: 'client',
        client_state: expired ? 'CLOSED' : 'TIME_WAIT',
        client_time_wait_at_least: expired ? 0 : Math.round(watched),
        client_time_wait_expected: MINUTE,
        client_time_wait_ended_by: expired ? 'expired' : 'capture-end',
        client_time_wait_evidence: expired ? 'profile' : 'none',
        client_time_wait_profile: 'linux',
        client_time_wait_profile_evidence: 'default',
        ...columns,
      },
      clientLife: { FIN_WAIT_1: [500, 8, 'sent'], TIME_WAIT: [1000, 10, 'acked'] },
      segments: [
        { at: 500, frame: 8, endpoint: 'client', flags: 0x11, seq: 1, ack: 1, len: 0, meaning: 'FIN' },
      ],
    };
  });
}
