import type { Flow } from './batches.ts';

// Flows by hand that several tests use; times are microseconds after the first segment.

const second = 1_000_000;

/** A close by both ends; the client went first and stands in TIME_WAIT when the capture ends. */
export const FIN_FLOW: Flow = {
  client: '10.0.0.1',
  server: '10.0.0.2',
  columns: {
    close_kind: 'fin',
    closed_first: 'client',
    client_state: 'TIME_WAIT',
    server_state: 'CLOSED',
    last: 4 * second,
    observed: 20 * second,
    opened: 300,
    first_frame: 1,
    client_time_wait_at_least: 16 * second,
    client_time_wait_expected: 60 * second,
    client_time_wait_ended_by: 'capture-end',
    client_time_wait_rearmed: 1,
    client_time_wait_evidence: 'none',
    client_time_wait_profile: 'linux',
    client_time_wait_profile_evidence: 'default',
  },
  clientLife: {
    SYN_SENT: [0, 1, 'sent'],
    ESTABLISHED: [100, 2, 'acked'],
    FIN_WAIT_1: [second, 8, 'sent'],
    FIN_WAIT_2: [second + 50, 9, 'acked'],
    TIME_WAIT: [4 * second, 10, 'acked'],
  },
  serverLife: {
    SYN_RECEIVED: [50, 1, 'acked'],
    ESTABLISHED: [300, 3, 'seen'],
    CLOSE_WAIT: [second, 8, 'acked'],
    LAST_ACK: [4 * second - 100, 10, 'sent'],
    CLOSED: [4 * second, 11, 'seen'],
  },
  history: 'ShADadFaf',
  segments: [
    { at: 0, frame: 1, endpoint: 'client', flags: 0x02, seq: 0, ack: Number.NaN, len: 0, meaning: 'SYN' },
    { at: second, frame: 8, endpoint: 'client', flags: 0x11, seq: 311, ack: 4101, len: 0, meaning: 'FIN' },
    {
      at: second + 50,
      frame: 9,
      endpoint: 'server',
      flags: 0x10,
      seq: 4101,
      ack: 312,
      len: 0,
      meaning: 'ACK of FIN',
    },
  ],
};

/** The client has sent FIN, the server never answers with its own. */
export const LEAK_FLOW: Flow = {
  client: '10.0.0.1',
  server: '10.0.0.2',
  columns: {
    close_kind: 'half',
    closed_first: 'client',
    client_state: 'FIN_WAIT_2',
    server_state: 'CLOSE_WAIT',
    observed: 31 * second,
  },
  serverLife: { ESTABLISHED: [300, 3, 'seen'], CLOSE_WAIT: [second, 8, 'acked'] },
  clientLife: {
    ESTABLISHED: [300, 3, 'seen'],
    FIN_WAIT_1: [second, 8, 'sent'],
    FIN_WAIT_2: [second, 9, 'acked'],
  },
};

/** The server, in CLOSE_WAIT, resets after two seconds. */
export const RESET_FLOW: Flow = {
  client: '10.0.0.9',
  server: '10.0.0.2',
  columns: {
    close_kind: 'fin-reset',
    closed_first: 'client',
    client_state: 'CLOSED',
    server_state: 'CLOSED',
    observed: 40 * second,
    reset_by: 'server',
    reset_kind: 'unread-data-or-linger',
  },
  clientLife: { FIN_WAIT_1: [second, 8, 'sent'], CLOSED: [3 * second, 9, 'rst-received'] },
  serverLife: { CLOSE_WAIT: [second, 8, 'acked'], CLOSED: [3 * second, 9, 'rst-sent'] },
};
