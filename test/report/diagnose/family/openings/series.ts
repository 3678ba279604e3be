import { type DiagnoseOptions, diagnose } from '../../../../../src/report/diagnose/diagnose.ts';
import type { Finding } from '../../../../../src/report/diagnose/frame/finding.ts';
import { type Flow, type FlowSegment, NOON } from '../../../../record/batches.ts';
import { databaseOf } from '../../../../record/database.ts';

export const SECOND = 1_000_000;
const CODES = ['backlog-overflow', 'syn-unanswered', 'refused', 'tw-recycle-nat'];

/** Connections that begin one after the other. */
export interface Series {
  count: number;
  /** Of the first, after NOON. */
  at: number;
  /** Between two. */
  every: number;
  client?: string;
  server?: string;
  port?: number;
  columns?: (i: number) => Record<string, number | string>;
  history?: string;
}

function series(
  { count, at, every, client, server, port = 80, columns, history = 'ShADadFf' }: Series,
  kind: Record<string, number | string>,
  again?: FlowSegment,
): Flow[] {
  return Array.from({ length: count }, (_, i) => ({
    ...(client !== undefined && { client }),
    ...(server !== undefined && { server }),
    columns: {
      server_port: port,
      first: NOON + at + i * every,
      last: SECOND,
      observed: 300 * SECOND,
      client_segments: 5,
      server_segments: 4,
      first_frame: i + 1,
      ...kind,
      ...columns?.(i),
    },
    history,
    segments: [
      { at: 0, frame: i + 1, endpoint: 'client', flags: 2, seq: 0, ack: Number.NaN, len: 0, meaning: 'SYN' },
      ...(again === undefined ? [] : [again]),
    ],
  }));
}

export const opened = (s: Series) => series(s, { close_kind: 'fin', opened: 300 });
/** One second later, the SYN or the SYN-ACK. */
const again = (endpoint: 'client' | 'server', meaning: FlowSegment['meaning']): FlowSegment => ({
  ...{ at: SECOND, frame: 1000, endpoint, flags: endpoint === 'client' ? 2 : 18 },
  ...{ seq: 0, ack: endpoint === 'client' ? Number.NaN : 1, len: 0, meaning },
});
export const late = (s: Series) =>
  series(
    s,
    { close_kind: 'fin', opened: 1.1 * SECOND, client_retransmissions: 1 },
    again('client', 'retransmitted SYN'),
  );
/** The ACK was ignored, and the request, too. */
export const lateAck = (s: Series) =>
  series(
    s,
    { close_kind: 'fin', opened: 1.1 * SECOND, client_retransmissions: 2, server_retransmissions: 1 },
    again('server', 'retransmitted SYN-ACK'),
  );
/** The ACK was not enough, and the client had nothing to say. */
export const mute = (s: Series) =>
  series(
    { history: 'ShA', ...s },
    { close_kind: 'open', opened: 1.1 * SECOND, server_retransmissions: 1, client_segments: 3 },
    again('server', 'retransmitted SYN-ACK'),
  );
export const unanswered = (s: Series) =>
  series(s, { close_kind: 'unanswered', last: 3 * SECOND, client_segments: 3, server_segments: 0 });
export const refused = (s: Series) =>
  series(s, {
    close_kind: 'refused',
    last: 50,
    client_segments: 1,
    server_segments: 1,
    reset_by: 'server',
    reset_kind: 'refused',
    reset_evidence: 'answers-syn',
  });

/** What all rules on openings find: each case belongs to one of them. */
export function found(flows: readonly Flow[][], options: DiagnoseOptions = {}): Finding[] {
  return diagnose(databaseOf(flows.flat()), { only: CODES, ...options }).findings;
}
