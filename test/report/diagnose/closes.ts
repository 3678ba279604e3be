import { type Flow, type FlowSegment, NOON } from '../../record/batches.ts';
import { times } from './found.ts';

// Connections by hand that the client closes first, for the findings on how closes go.

export const SECOND = 1_000_000;

/** What is special about a close. */
export interface Close {
  client?: string;
  columns?: Record<string, number | string>;
  /** The client's TIME_WAIT answered the server's FIN again, this many times. */
  rearmed?: number;
  /** The first time so many microseconds after the FIN, then in doubled steps. */
  rearmedAfter?: number;
  /** When the client's FIN came again, microseconds after it, and what that meant. */
  again?: readonly (readonly [us: number, meaning: FlowSegment['meaning']])[];
}

const fin: FlowSegment = {
  at: SECOND,
  frame: 8,
  endpoint: 'client',
  flags: 0x11,
  seq: 1,
  ack: 1,
  len: 0,
  meaning: 'FIN',
};

/** The client closes after a second, the server at once. */
export function close(
  firstUs: number,
  { client, columns, rearmed, rearmedAfter = 210_000, again = [] }: Close = {},
): Flow {
  return {
    ...(client !== undefined && { client }),
    columns: {
      first: NOON + firstUs,
      last: SECOND + 1000,
      observed: 10 * SECOND,
      close_kind: 'fin',
      closed_first: 'client',
      close_started: SECOND,
      close_ended: SECOND + 1000,
      client_state: 'TIME_WAIT',
      server_state: 'CLOSED',
      client_fin: SECOND,
      server_fin: SECOND + 500,
      client_fins: 1 + again.length,
      server_fins: rearmed === undefined ? 1 : 1 + rearmed,
      client_segments: 6,
      server_segments: 5,
      client_time_wait_rearmed: rearmed ?? 0,
      client_time_wait_ended_by: 'capture-end',
      ...columns,
    },
    clientLife: { FIN_WAIT_1: [SECOND, 8, 'sent'], TIME_WAIT: [SECOND + 1000, 10, 'acked'] },
    serverLife: { CLOSE_WAIT: [SECOND, 8, 'acked'], LAST_ACK: [SECOND + 500, 9, 'sent'] },
    segments: [
      fin,
      ...again.map(([us, meaning]) => ({ ...fin, at: SECOND + us, meaning })),
      ...Array.from({ length: rearmed ?? 0 }, (_, i) => ({
        ...fin,
        endpoint: 'server' as const,
        at: SECOND + 500 + rearmedAfter * (2 ** (i + 1) - 1),
        meaning: 'retransmitted FIN' as const,
      })),
    ],
  };
}

/** One a second. */
export const closes = (n: number, one: Close = {}) => times(n, SECOND, (us) => close(us, one));
