-- Closes whose last ACK is missing
-- Both ends sent FIN, one of them never got its acknowledgment: the end that
-- still waits (LAST_ACK, CLOSING or FIN_WAIT_1), how often it has sent its FIN,
-- and for how long it had been waiting when the flow was last watched.
--
-- Group: Closing
-- :limit = 20   Rows at most.

SELECT
  id AS flow,
  client_ip, client_port, server_ip, server_port,
  client_state, server_state,
  client_fins, server_fins,
  (observed_us - max(client_fin_us, server_fin_us)) / 1e6 AS since_last_fin_s
FROM flows
WHERE close_kind = 'fin-unacked' AND client_state IS NOT 'UNKNOWN' AND server_state IS NOT 'UNKNOWN'
ORDER BY since_last_fin_s DESC, id
LIMIT coalesce(:limit, 20);
