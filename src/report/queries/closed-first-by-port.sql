-- Who closes first, by port
-- The end that closes first is the one that holds the TIME_WAIT. For each
-- server port: how often that was the client, the server, or both at once, how
-- often it is not known, because the close may have begun before the capture, and
-- how many flows no one has closed.
--
-- Group: Closing
-- :limit = 20   Rows at most.

SELECT
  server_port,
  sum(flows_like_it) AS flows,
  sum(iif(closed_first = 'client', flows_like_it, 0)) AS client_first,
  sum(iif(closed_first = 'server', flows_like_it, 0)) AS server_first,
  sum(iif(closed_first = 'both', flows_like_it, 0)) AS both_at_once,
  sum(iif(closed_first IS NULL AND close_started_us IS NOT NULL, flows_like_it, 0)) AS not_known,
  sum(iif(close_started_us IS NULL, flows_like_it, 0)) AS not_closed
FROM (
  SELECT min(id) AS id, count(*) AS flows_like_it
  FROM flow_data
  GROUP BY server_port, closed_first, close_started IS NULL
)
JOIN flows USING (id)
GROUP BY server_port
ORDER BY flows DESC, server_port
LIMIT coalesce(:limit, 20);
