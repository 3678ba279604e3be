-- Who closes first, by port
-- The end that closes first is the one that holds the TIME_WAIT. For each
-- server port: how often that was the client, the server, or both at once, and
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
  sum(iif(closed_first IS NULL, flows_like_it, 0)) AS not_closed
FROM (
  SELECT min(id) AS id, count(*) AS flows_like_it
  FROM flow_data
  GROUP BY server_port, closed_first
)
JOIN flows USING (id)
GROUP BY server_port
ORDER BY flows DESC, server_port
LIMIT coalesce(:limit, 20);
