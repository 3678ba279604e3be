-- Flows as Zeek's conn.log has them
-- One row per flow, with the names, connection states and histories of Zeek's
-- conn.log. Bytes are counted by sequence numbers, so each once.
--
-- Group: Captures
-- :limit = 100   Rows at most, the earliest first; -1 for all.

SELECT
  printf('%d.%06d', first_us / 1000000, first_us % 1000000) AS ts,
  id AS uid,
  client_ip AS "id.orig_h",
  client_port AS "id.orig_p",
  server_ip AS "id.resp_h",
  server_port AS "id.resp_p",
  'tcp' AS proto,
  printf('%.6f', (last_us - first_us) / 1e6) AS duration,
  client_bytes AS orig_bytes,
  server_bytes AS resp_bytes,
  zeek_conn_state AS conn_state,
  zeek_history AS history,
  client_segments AS orig_pkts,
  server_segments AS resp_pkts
FROM flows
ORDER BY first_us, id
LIMIT coalesce(:limit, 100);
