import type { Cases } from '../../frame/cases.ts';

// What an RST did, by its sender and the data exchanged before. An RST that answers the peer's FIN is none of
// these: both ends were done. Nor are those of other rules (refused, idle-middlebox, half-open,
// time-wait-refused).

/** How a connection was aborted. */
export const ABORT_KINDS = [
  'gave up', // the client, before any byte of an answer
  'after answer', // the client, after some of the answer, or after a banner: commonplace
  'unused', // the client, without having sent or got a byte: health checks
  'dropped', // the server, without a byte for what the client had sent
  'turned away', // the server, before anybody had sent a byte
  'cut', // the server, after some of its answer
  'closed', // an end that had closed before, and still got data
  'injected', // a box on the way
] as const;
/** One of ABORT_KINDS. */
export type AbortKind = (typeof ABORT_KINDS)[number];

/** Those that are a warning if they are frequent; the others are information. */
export const HARMFUL: ReadonlySet<AbortKind> = new Set([
  'gave up',
  'dropped',
  'turned away',
  'cut',
  'injected',
]);

const KIND = `CASE
    WHEN reset_kind = 'injected' THEN 'injected'
    WHEN close_kind = 'fin-reset' THEN 'closed'
    WHEN reset_by = 'client' THEN CASE
      WHEN opened_us IS NULL OR server_bytes > 0 THEN 'after answer'
      WHEN client_bytes > 0 THEN 'gave up' ELSE 'unused' END
    WHEN opened_us IS NULL OR server_bytes > 0 THEN 'cut'
    WHEN client_bytes > 0 THEN 'dropped' ELSE 'turned away' END`;

/** All aborts, by the end that sent the RST and the service. */
export const ABORTS: Omit<Cases, 'by'> = {
  sql: `SELECT id AS flow_id, client_ip, client_port, server_ip, server_port,
  coalesce(close_ended_us, close_started_us) AS since_us,
  coalesce(close_ended_us, close_started_us) AS until_us,
  coalesce(close_ended_us, close_started_us) - opened_us AS after_us,
  ${KIND} AS way,
  iif(reset_by = 'client', server_bytes, client_bytes) AS peer_bytes, -- unread ones are among these
  reset_by, reset_kind, reset_evidence, first_frame AS frame
FROM flows
WHERE reset_kind IN ('unread-data-or-linger', 'data-after-close', 'injected', 'unknown')
  AND (close_kind = 'reset' OR close_kind = 'fin-reset' AND closed_first = reset_by)
  AND id NOT IN (SELECT value FROM json_each(:untranslated))
  AND NOT (close_kind = 'reset' AND idle_before_close_us >= 4000000
    AND server_ip || ' ' || server_port IN (SELECT value FROM json_each(:timers)))`,
  measures: {
    ...Object.fromEntries(ABORT_KINDS.map((kind) => [measureOf(kind), `sum(way = '${kind}')`])),
    peer_bytes: 'sum(peer_bytes)',
    usual_us: 'avg(after_us)',
    clients: 'count(DISTINCT client_ip)',
  },
  // Those that lost most come first.
  weight: "10 * (way IN ('gave up', 'dropped', 'turned away', 'cut', 'injected')) + (peer_bytes > 0)",
  marks: ['FIN', 'RST', 'spurious RST', 'data after FIN'],
};

/** The measure that counts a kind: `gave_up`. */
export function measureOf(kind: AbortKind): string {
  return kind.replaceAll(' ', '_');
}
