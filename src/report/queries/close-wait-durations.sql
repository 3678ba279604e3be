-- How long CLOSE_WAIT lasted, by server
-- Percentiles by nearest rank, of CLOSE_WAITs of servers that ended: the time
-- from the client's FIN until the program closed. Those that still stood when
-- the capture ended are counted apart.
--
-- Group: CLOSE_WAIT
-- :limit = 20   Rows at most.

WITH
  ended AS (
    SELECT server_address, server_port,
      coalesce(server_last_ack, server_closed) - server_close_wait AS us
    FROM flow_data
    WHERE server_close_wait IS NOT NULL AND coalesce(server_last_ack, server_closed) IS NOT NULL
  ),
  ranked AS (
    SELECT server_address, server_port, us,
      row_number() OVER (PARTITION BY server_address, server_port ORDER BY us) AS rank
    FROM ended
  ),
  servers AS (
    SELECT server_address, server_port,
      sum(coalesce(server_last_ack, server_closed) IS NOT NULL) AS n,
      sum(coalesce(server_last_ack, server_closed) IS NULL) AS standing
    FROM flow_data
    WHERE server_close_wait IS NOT NULL
    GROUP BY server_address, server_port
  )
SELECT
  ip AS server_ip, server_port,
  n AS ended,
  max(iif(rank = (n * 50 + 99) / 100, us, NULL)) / 1e6 AS median_s,
  max(iif(rank = (n * 90 + 99) / 100, us, NULL)) / 1e6 AS p90_s,
  max(iif(rank = (n * 99 + 99) / 100, us, NULL)) / 1e6 AS p99_s,
  max(us) / 1e6 AS longest_s,
  standing AS not_ended
FROM servers
LEFT JOIN ranked USING (server_address, server_port)
JOIN addresses ON addresses.id = server_address
GROUP BY server_address, server_port
ORDER BY median_s DESC, server_ip, server_port
LIMIT coalesce(:limit, 20);
