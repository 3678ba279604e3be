-- Who sends the RSTs
-- For each sender, a client address or a server address and port: the flows
-- that its RST ended, by the state the other end was in, and RST segments in all.
--
-- Group: RST
-- :limit = 20   Rows at most.

WITH resets AS (
  SELECT reset_by AS endpoint,
    iif(reset_by = 'client', client_ip, server_ip) AS ip,
    iif(reset_by = 'server', server_port, NULL) AS port,
    iif(reset_by = 'client', client_rsts, server_rsts) AS rsts,
    close_kind
  FROM flows
  WHERE reset_by IS NOT NULL
)
SELECT
  endpoint, ip, port,
  count(*) AS flows,
  sum(close_kind = 'refused') AS refused,
  sum(close_kind = 'reset') AS without_fin,
  sum(close_kind = 'fin-reset') AS after_fin,
  sum(rsts) AS rst_segments
FROM resets
GROUP BY endpoint, ip, port
ORDER BY flows DESC, endpoint, ip, port
LIMIT coalesce(:limit, 20);
