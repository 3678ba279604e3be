-- Ends stuck in FIN_WAIT_2, and the peers they wait for
-- Ends that have closed and wait for the peer's FIN: the peer is in CLOSE_WAIT
-- and does not close. Linux gives up after 60 s (tcp_fin_timeout) where no
-- program holds the socket any more. standing: still so when the capture ended.
--
-- Group: CLOSE_WAIT
-- :longer_s = 1   Only those that lasted at least this many seconds.
-- :limit = 20     Rows at most.

WITH waits AS (
  SELECT 'client' AS endpoint, client_address AS address, server_address AS peer, server_port,
    coalesce(client_time_wait, client_closed) AS left_at, client_fin_wait_2 AS entered, observed
  FROM flow_data
  WHERE client_fin_wait_2 IS NOT NULL AND (client_time_wait IS NOT NULL OR client_unknown IS NULL)
  UNION ALL
  SELECT 'server', server_address, client_address, server_port,
    coalesce(server_time_wait, server_closed), server_fin_wait_2, observed
  FROM flow_data
  WHERE server_fin_wait_2 IS NOT NULL AND (server_time_wait IS NOT NULL OR server_unknown IS NULL)
)
SELECT
  endpoint, a.ip, p.ip AS peer_ip, server_port,
  count(*) AS flows,
  sum(left_at IS NULL) AS standing,
  max(coalesce(left_at, observed) - entered) / 1e6 AS longest_s
FROM waits
JOIN addresses AS a ON a.id = address
JOIN addresses AS p ON p.id = peer
WHERE coalesce(left_at, observed) - entered >= coalesce(:longer_s, 1) * 1e6
GROUP BY endpoint, address, peer, server_port
ORDER BY flows DESC, longest_s DESC, endpoint, a.ip, peer_ip, server_port
LIMIT coalesce(:limit, 20);
