-- How long CLOSE_WAIT lasted, by server
-- Percentiles by nearest rank, of CLOSE_WAITs of servers that a FIN or an RST was
-- seen to end: the time from the client's FIN until then. The others, most of
-- them still standing when the capture ended, are counted apart.
--
-- Group: CLOSE_WAIT
-- :limit = 20   Rows at most.

WITH
  waits AS (
    SELECT server_address, server_port,
      coalesce(server_last_ack, iif(reset_by IS NULL, NULL, server_closed)) - server_close_wait AS us
    FROM flow_data
    WHERE server_close_wait IS NOT NULL
  ),
  ranked AS (
    SELECT server_address, server_port, us,
      -- An address and a port in one number sort faster.
      row_number() OVER (PARTITION BY server_address * 65536 + server_port ORDER BY us) AS rank
    FROM waits
    WHERE us IS NOT NULL
  ),
  servers AS (
    SELECT server_address, server_port, count(us) AS n, sum(us IS NULL) AS not_ended
    FROM waits
    GROUP BY server_address, server_port
  )
SELECT
  ip AS server_ip, server_port,
  n AS ended,
  max(iif(rank = (n * 50 + 99) / 100, us, NULL)) / 1e6 AS median_s,
  max(iif(rank = (n * 90 + 99) / 100, us, NULL)) / 1e6 AS p90_s,
  max(iif(rank = (n * 99 + 99) / 100, us, NULL)) / 1e6 AS p99_s,
  max(us) / 1e6 AS longest_s,
  not_ended
FROM servers
LEFT JOIN ranked USING (server_address, server_port)
JOIN addresses ON addresses.id = server_address
GROUP BY server_address, server_port
ORDER BY median_s DESC, server_ip, server_port
LIMIT coalesce(:limit, 20);
