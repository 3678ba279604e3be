-- SYNs that were refused
-- The server answered with RST: nobody listens there. For each server and port,
-- the flows, the clients that tried, and when.
--
-- Group: Opening
-- :limit = 20   Rows at most.

SELECT
  server_ip, server_port,
  count(*) AS flows,
  count(DISTINCT client_ip) AS clients,
  strftime('%Y-%m-%dT%H:%M:%fZ', min(first_us) / 1000 / 1e3, 'unixepoch') AS first_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', max(last_us) / 1000 / 1e3, 'unixepoch') AS last_at
FROM flows
WHERE close_kind = 'refused'
GROUP BY server_ip, server_port
ORDER BY flows DESC, server_ip, server_port
LIMIT coalesce(:limit, 20);
