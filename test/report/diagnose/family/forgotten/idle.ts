import { type DiagnoseOptions, diagnose } from '../../../../../src/report/diagnose/diagnose.ts';
import type { Finding } from '../../../../../src/report/diagnose/frame/finding.ts';
import { type Flow, type FlowSegment, NOON } from '../../../../record/batches.ts';
import { databaseOf } from '../../../../record/database.ts';

export const SECOND = 1_000_000;

/** A connection with one request and answer, then a silence, then another request. */
export interface Idle {
  /** After NOON. */
  at: number;
  silent: number;
  /** What the second request meets: RST, nothing, or its answer. */
  meets: 'RST' | 'nothing' | 'answer';
  columns?: Record<string, number | string>;
  client?: string;
  /** The FIN follows at once. */
  closes?: boolean;
  /** With ACK (0x14) it is the abort of a socket. */
  rstFlags?: number;
}

const segment = (at: number, n: number, changes: Partial<FlowSegment>): FlowSegment => ({
  at,
  frame: n,
  endpoint: 'client',
  flags: 0x10,
  seq: 1,
  ack: 1,
  len: 0,
  meaning: 'ACK of SYN',
  ...changes,
});

export function idle({
  at,
  silent,
  meets,
  columns,
  client = '10.0.0.1',
  closes = false,
  rstFlags = 0x04,
}: Idle): Flow {
  const woken = 300 + silent;
  const rst = woken + 50;
  const kinds = {
    RST: {
      close_kind: 'reset',
      closed_first: 'server',
      close_started: rst,
      reset_by: 'server',
      reset_kind: 'idle',
      reset_evidence: 'after-silence',
      last: rst,
    },
    nothing: { close_kind: 'open', client_retransmissions: 6, last: woken + 6 * SECOND },
    answer: { close_kind: 'open', server_bytes: 800, last: woken + SECOND },
  };
  const end = [segment(rst, 4, { endpoint: 'server', flags: rstFlags, seq: 401, meaning: 'RST' })];
  return {
    client,
    columns: {
      first: NOON + at,
      opened: 300,
      observed: 600 * SECOND,
      client_segments: 4,
      server_segments: 4,
      client_bytes: 240,
      server_bytes: 400,
      ...kinds[meets],
      ...(closes && { client_fin: woken + 100 }),
      ...columns,
    },
    segments: [
      segment(0, 1, { flags: 0x02, seq: 0, ack: Number.NaN, meaning: 'SYN' }),
      segment(300, 2, {}),
      segment(woken, 3, {
        seq: 121,
        ack: 401,
        len: 120,
        meaning: meets === 'nothing' ? 'unacknowledged data after a long silence' : 'after a long silence',
      }),
      ...(meets === 'RST' ? end : []),
    ],
  };
}

/** Connections that begin one after the other. */
export const several = (n: number, every: number, one: Omit<Idle, 'at'>): Flow[] =>
  Array.from({ length: n }, (_, i) => idle({ ...one, at: i * every }));

/** What the rules on connections that an end has forgotten find, and aborts: each case belongs to one. */
export function found(flows: readonly Flow[], options: DiagnoseOptions = {}): Finding[] {
  return diagnose(databaseOf(flows), { only: ['idle-middlebox', 'half-open', 'aborts'], ...options })
    .findings;
}
