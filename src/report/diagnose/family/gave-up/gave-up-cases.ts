import { code } from '../../../../flow/format/word-table.ts';
import { CLOSED_FIRST, ENDPOINTS } from '../../../../flow/format/words.ts';
import type { Cases } from '../../frame/cases.ts';
import { SERVICE, SERVICE_KEY } from '../../frame/subjects.ts';
import { isNoGoodbye } from '../races/race-cases.ts';

// A client sends a request and closes, by FIN or RST, before the answer has come.

/** Who closes sooner than that after its request did not wait for an answer. */
export const SHORTEST_PATIENCE_US = 100_000;
/** Data sent so often without an answer is that of a peer that is gone, not slow. */
const MAX_RETRANSMISSIONS = 2;
/** A server that closes so much later than the client was still at work. */
const AT_WORK_US = 1_000_000;

/** A request's first segment, at least: those in which HTTP/2 and WebSocket reply to an answer are shorter, under TLS, too. */
const REQUEST_BYTES = 64;
/** Two exchanges at most are the handshake of TLS. */
const ANSWERED_TWICE = 2;

/** A condition on flow_data that every one of them meets. */
export const MAY_HAVE_GIVEN_UP =
  `closed_first = ${code(CLOSED_FIRST, 'client')} AND idle_before_close >= ${SHORTEST_PATIENCE_US} AND client_bytes > 0 ` +
  `AND (server_bytes = 0 OR late_data IS NOT NULL OR last_data_by = ${code(ENDPOINTS, 'client')})`;

/**
 * The close of a client acknowledges no byte: none of the answer had come. Once it has got something, what comes after its
 * FIN may be no answer, but what the server sends of itself.
 */
const NO_BYTE = `f.server_isn IS NOT NULL AND (c.ack = 1 OR c.ack IS NULL AND f.server_bytes = 0 AND f.server_missed = 0)`;

/** The answer came after its FIN, and is no goodbye. A client that takes it has closed its own direction only. */
const LATE_ANSWER = `EXISTS (SELECT 1 FROM close_segments AS d WHERE d.flow_id = f.id AND d.endpoint = 'server'
    AND d.len > 0 AND d.at_us = f.close_started_us + f.late_data_us
    AND coalesce(f.late_data_is_alert, 0) = 0
    AND ${isNoGoodbye('server')})`;

/**
 * Or the client has sent data since the last of the server's, of itself: not in reply to that, or more than such a
 * reply has.
 */
const ASKED_LATER = `f.last_data_by = 'client' AND f.last_data_after_us IS NOT NULL
    AND (f.last_data_length >= ${REQUEST_BYTES} OR f.last_data_after_us >= ${SHORTEST_PATIENCE_US}
      + 2 * coalesce(f.opened_us - f.first_us, ${SHORTEST_PATIENCE_US}))`;

/** Clients that waited, if what they sent was a request: on a connection in use that is not shown by one alone. */
const WAITED = `SELECT f.id AS flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
  f.close_started_us - f.idle_before_close_us AS since_us, f.close_started_us AS until_us,
  f.idle_before_close_us AS waited_us, c.meaning AS by_what, f.late_data_us AS answered_late_us,
  (f.server_state = 'CLOSE_WAIT' OR coalesce(f.server_fin_us, f.late_data_us + f.close_started_us, f.close_ended_us) - f.close_started_us
    >= ${AT_WORK_US}) AS still_at_work, f.client_missed + f.server_missed AS missed, c.frame,
  NOT (${NO_BYTE}) AS asked_later, f.exchanges
FROM flows AS f
JOIN close_segments AS c ON c.flow_id = f.id AND c.endpoint = 'client' AND c.at_us = f.close_started_us
  AND c.meaning IN ('FIN', 'RST')
WHERE f.closed_first = 'client' AND f.idle_before_close_us >= ${SHORTEST_PATIENCE_US} AND f.client_bytes > 0
  AND f.client_retransmissions <= ${MAX_RETRANSMISSIONS}
  AND (c.meaning = 'FIN' OR f.close_kind = 'reset' AND f.reset_kind IN ('unread-data-or-linger', 'unknown'))
  AND (${NO_BYTE} OR ${ASKED_LATER})
  AND (f.late_data_us IS NULL OR f.close_kind <> 'fin' OR f.reset_by = 'client' AND ${LATE_ANSWER})`;

/** By service those that waited on a connection in use, with what shows whether it answers. */
export const ASKED_AGAIN: Cases = {
  sql: `SELECT * FROM (${WAITED}) WHERE asked_later`,
  by: SERVICE,
  measures: {
    waits: 'json_group_array(waited_us)',
    proofs: `sum(answered_late_us IS NOT NULL OR exchanges > ${ANSWERED_TWICE})`,
  },
  marks: [],
};

/**
 * Each client that gave up. That it waited is known where its close acknowledges no byte of the server, or where it had
 * asked again, a service that answers (:answering, a serviceList()).
 */
export const GAVE_UP: Omit<Cases, 'having'> = {
  sql: `SELECT * FROM (${WAITED})
WHERE NOT asked_later OR ${SERVICE_KEY} IN (SELECT value FROM json_each(:answering))`,
  by: SERVICE,
  measures: {
    waits: 'json_group_array(waited_us)',
    by_rst: "sum(by_what = 'RST')",
    asked_later: 'sum(asked_later)',
    answered_late: 'sum(answered_late_us IS NOT NULL)',
    at_work: 'sum(still_at_work)',
    holed: 'sum(missed > 0)',
    clients: 'count(DISTINCT client_ip)',
    client: 'min(client_ip)',
  },
  weight: 'waited_us',
  marks: ['FIN', 'RST', 'FIN, ACK of FIN', 'data after FIN'],
};
