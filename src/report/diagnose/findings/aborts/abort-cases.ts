import { GAVE_UP } from '../../family/gave-up/gave-up-cases.ts';
import { RACES } from '../../family/races/race-cases.ts';
import type { Cases } from '../../frame/cases.ts';
import { SERVICE_KEY } from '../../frame/subjects.ts';

// What an RST did, by its sender and the data exchanged before. An RST that answers the peer's FIN is none of
// these: both ends were done; nor is one that acknowledges all and crosses the peer's FIN, or answers its good-bye.
// Nor are those of other rules (refused, idle-middlebox, half-open, time-wait-refused, keep-alive-race,
// client-gave-up).

/** How a connection was aborted. */
export const ABORT_KINDS = [
  'gave up', // the client, before any byte of an answer, and without having waited for it
  'after answer', // the client, after some of the answer, or after a banner: commonplace
  'unused', // the client, without having sent or got a byte: health checks
  'dropped', // the server, without a byte for what the client had sent
  'turned away', // the server, before anybody had sent a byte
  'cut', // the server, after some of its answer
  'idle', // either, after a second or more in which nobody sent or acknowledged data
  'unseen', // either, of a connection of whose data nothing was captured
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

/** No exchange pauses so long. */
const IDLE_US = 1_000_000;

/** The RST counts bytes that were not captured. */
const RST_KNOWS_DATA = `coalesce((SELECT max(max(r.seq, coalesce(r.ack, 1))) > 1 FROM close_segments AS r
        WHERE r.flow_id = f.id AND r.endpoint = f.reset_by AND r.meaning = 'RST'), 0)`;

const KIND = `CASE
    WHEN f.reset_kind = 'injected' THEN 'injected'
    WHEN f.close_kind = 'fin-reset' AND NOT (${isOfCloser('f.client_fin_us', 'f.server_fin_us')} IS NULL) THEN 'closed'
    WHEN f.server_bytes = 0 AND (f.server_isn IS NULL OR f.server_missed > 0)
      OR f.client_bytes = 0 AND f.server_bytes = 0 AND (f.client_isn IS NULL OR ${RST_KNOWS_DATA}) THEN 'unseen'
    WHEN f.server_bytes > 0 AND f.idle_before_close_us >= ${IDLE_US} THEN 'idle'
    WHEN f.reset_by = 'client' THEN CASE
      WHEN f.server_bytes > 0 THEN 'after answer'
      WHEN f.client_bytes > 0 THEN 'gave up' ELSE 'unused' END
    WHEN f.server_bytes > 0 THEN 'cut'
    WHEN f.client_bytes > 0 THEN 'dropped' ELSE 'turned away' END`;

/** The first for a client that sent the RST, the second for a server. */
function isOfCloser(client: string, server: string): string {
  return `iif(f.reset_by = 'client', ${client}, ${server})`;
}

/** All aborts, by the end that sent the RST and the service; unused connections by themselves. */
export const ABORTS: Omit<Cases, 'by'> = {
  sql: `WITH aborted AS (
  SELECT f.id AS flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
    coalesce(f.close_ended_us, f.close_started_us) AS since_us,
    coalesce(f.close_ended_us, f.close_started_us) AS until_us,
    coalesce(f.close_ended_us, f.close_started_us) - f.opened_us AS after_us,
    ${KIND} AS way, f.idle_before_close_us AS idle_us,
    ${isOfCloser('f.server_bytes', 'f.client_bytes')} AS peer_bytes, -- unread ones are among these
    f.reset_by, f.reset_kind, f.reset_evidence, f.first_frame AS frame
  FROM flows AS f
  WHERE f.reset_kind IN ('unread-data-or-linger', 'data-after-close', 'injected', 'unknown')
    AND (f.close_kind = 'reset' OR f.close_kind = 'fin-reset' AND f.closed_first = f.reset_by)
    AND NOT (f.reset_kind = 'data-after-close' AND coalesce(f.late_data_is_alert, 0))
    -- Of an end of which RSTs alone were captured nothing shows what they end.
    AND f.client_segments > f.client_rsts AND f.server_segments > f.server_rsts
    -- The RST came first and acknowledges all; the FIN of the peer crossed it.
    AND NOT (f.close_kind = 'fin-reset' AND ${isOfCloser('f.client_fin_us', 'f.server_fin_us')} IS NULL
      AND coalesce((SELECT max(r.ack) - 1 >= ${isOfCloser('f.server_bytes', 'f.client_bytes')}
        FROM close_segments AS r WHERE r.flow_id = f.id AND r.endpoint = f.reset_by AND r.meaning = 'RST'), 1))
)
SELECT *, iif(way IN ('unused', 'unseen'), way, reset_by) AS side FROM aborted
WHERE flow_id NOT IN (SELECT value FROM json_each(:untranslated))
  AND NOT (idle_us >= 4000000 AND ${SERVICE_KEY} IN (SELECT value FROM json_each(:timers)))
  AND flow_id NOT IN (SELECT flow_id FROM (${RACES}))
  AND flow_id NOT IN (SELECT flow_id FROM (${GAVE_UP.sql}))`,
  measures: {
    ...Object.fromEntries(ABORT_KINDS.map((kind) => [measureOf(kind), `sum(way = '${kind}')`])),
    peer_bytes: 'sum(peer_bytes)',
    usual_us: 'avg(after_us)',
    idles: "json_group_array(idle_us) FILTER (WHERE way = 'idle')",
    clients: 'count(DISTINCT client_ip)',
  },
  // Those that lost most come first.
  weight: "10 * (way IN ('gave up', 'dropped', 'turned away', 'cut', 'injected')) + (peer_bytes > 0)",
  marks: ['FIN', 'RST', 'spurious RST', 'data crossing FIN', 'data after FIN'],
};

/** The measure that counts a kind: `gave_up`. */
export function measureOf(kind: AbortKind): string {
  return kind.replaceAll(' ', '_');
}
