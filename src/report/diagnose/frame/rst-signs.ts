import type { Database } from 'better-sqlite3';
import { closeKind, resetEvidence } from './codes.ts';

/** Flows whose RST may be of a kind that takes a closer look. */
export interface RstSigns {
  /** After a silence. */
  idle: number;
  /** Mid-stream, of an end of which nothing but RSTs came. */
  strays: number;
  /** Without ACK, or of an end that went on. */
  withoutSocket: number;
}

const evidence = (...words: Parameters<typeof resetEvidence>[0][]) =>
  words.map((word) => resetEvidence(word)).join(', ');

const RESET = `close_kind = ${closeKind('reset')}`;

/** How many there are, in one pass over the flows. */
export function rstSigns(db: Database): RstSigns {
  return db
    .prepare<[], RstSigns>(
      `SELECT count(*) FILTER (WHERE ${RESET} AND idle_before_close >= 4000000) AS idle,
         count(*) FILTER (WHERE ${RESET} AND reset_evidence = ${evidence('no-socket')} AND opened IS NULL
           AND (client_segments = client_rsts OR server_segments = server_rsts)) AS strays,
         count(*) FILTER (WHERE reset_evidence IN (${evidence('no-socket', 'sender-went-on')})) AS withoutSocket
       FROM flow_data`,
    )
    .get()!;
}
