import { type Flow, type FlowSegment, NOON } from '../../record/batches.ts';

// Connections by hand of which one end holds the TIME_WAIT.

export const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;

/** A close segment of which only the sender and the meaning matter. */
export const segment = (
  at: number,
  part: Pick<FlowSegment, 'endpoint' | 'flags' | 'meaning'>,
): FlowSegment => ({
  at,
  frame: 1,
  seq: 1,
  ack: 1,
  len: 0,
  ...part,
});
export type End = 'client' | 'server';

/** A connection of a second that one end closed first, and whose TIME_WAIT that end holds. */
export function close(
  holder: End,
  firstUs: number,
  columns: Flow['columns'] = {},
  parts: Partial<Flow> = {},
): Flow {
  return {
    columns: {
      first: NOON + firstUs,
      opened: 100,
      last: SECOND + 100,
      observed: 10 * SECOND,
      close_kind: 'fin',
      closed_first: holder,
      close_started: SECOND,
      close_ended: SECOND + 100,
      client_fins: 1,
      server_fins: 1,
      [`${holder}_time_wait_at_least`]: 9 * SECOND,
      [`${holder}_time_wait_expected`]: MINUTE,
      [`${holder}_time_wait_ended_by`]: 'capture-end',
      [`${holder}_time_wait_evidence`]: 'none',
      ...columns,
    },
    [`${holder}Life`]: { FIN_WAIT_1: [SECOND, 8, 'sent'], TIME_WAIT: [SECOND + 100, 10, 'acked'] },
    segments: [segment(SECOND, { endpoint: holder, flags: 0x11, meaning: 'FIN' })],
    ...parts,
  };
}
