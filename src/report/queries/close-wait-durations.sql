-- How long CLOSE_WAIT lasted, by server
-- Percentiles by nearest rank, of CLOSE_WAITs of servers that a FIN or an RST was
-- seen to end: the time from the client's FIN until then. The others, most of
-- them still standing when the capture ended, are counted apart. Those of which
-- the capture does not show whether they ended are left out.
--
-- Group: CLOSE_WAIT
-- :limit = 20   Rows at most.

WITH
  -- us is NULL for those that were not seen to end.
  waits AS (
    SELECT
      server_address, server_port, count(*) AS n,
      coalesce(server_last_ack, iif(reset_by IS NULL, NULL, server_closed)) - server_close_wait AS us
    FROM flow_data
    WHERE server_close_wait IS NOT NULL AND (server_last_ack IS NOT NULL OR server_unknown IS NULL)
    GROUP BY server_address, server_port, us
  ),
  ranked AS (
    SELECT
      server_address, server_port, us, n,
      -- How many lasted `us` or less, and how many ended at all.
      sum(n) FILTER (WHERE us IS NOT NULL) OVER (server ORDER BY us) AS rank,
      sum(n) FILTER (WHERE us IS NOT NULL) OVER server AS ended
    FROM waits
    WINDOW server AS (PARTITION BY server_address, server_port)
  )
SELECT
  ip AS server_ip, server_port,
  coalesce(ended, 0) AS ended,
  min(us) FILTER (WHERE 100 * rank >= 50 * ended) / 1e6 AS median_s,
  min(us) FILTER (WHERE 100 * rank >= 90 * ended) / 1e6 AS p90_s,
  min(us) FILTER (WHERE 100 * rank >= 99 * ended) / 1e6 AS p99_s,
  max(us) / 1e6 AS longest_s,
  coalesce(sum(n) FILTER (WHERE us IS NULL), 0) AS not_ended
FROM ranked
JOIN addresses ON addresses.id = server_address
GROUP BY server_address, server_port, ended
ORDER BY median_s DESC, server_ip, server_port
LIMIT coalesce(:limit, 20);
