-- Who closed first, and how, by server
-- For each server and port: whose FIN or RST began the close (both, when two
-- FINs crossed), how the close went, and how many flows did so.
--
-- Group: Closing
-- :port = all   Only servers on this port.
-- :limit = 20   Rows at most.

-- One flow of each group has the words; numbers group faster than words.
SELECT server_ip, server_port, closed_first, close_kind, flows
FROM (
  SELECT min(id) AS id, count(*) AS flows
  FROM flow_data
  WHERE :port IS NULL OR server_port = :port
  GROUP BY server_address, server_port, closed_first, close_kind
)
JOIN flows USING (id)
ORDER BY flows DESC, server_ip, server_port, closed_first, close_kind
LIMIT coalesce(:limit, 20);
