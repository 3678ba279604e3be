-- Servers, and how their flows fared
-- For each server and port: flows in all, and how many were closed well by FIN,
-- closed on one side only, reset, refused, unanswered, or still open.
--
-- Group: Opening
-- :limit = 20   Rows at most.

SELECT
  server_ip, server_port,
  sum(flows_like_it) AS flows,
  sum(iif(close_kind IN ('fin', 'fin-unacked'), flows_like_it, 0)) AS fin,
  sum(iif(close_kind = 'half', flows_like_it, 0)) AS half,
  sum(iif(close_kind IN ('reset', 'fin-reset'), flows_like_it, 0)) AS reset,
  sum(iif(close_kind = 'refused', flows_like_it, 0)) AS refused,
  sum(iif(close_kind = 'unanswered', flows_like_it, 0)) AS unanswered,
  sum(iif(close_kind = 'open', flows_like_it, 0)) AS open
FROM (
  SELECT min(id) AS id, count(*) AS flows_like_it
  FROM flow_data
  GROUP BY server_address, server_port, close_kind
)
JOIN flows USING (id)
GROUP BY server_ip, server_port
ORDER BY flows DESC, server_ip, server_port
LIMIT coalesce(:limit, 20);
