-- How long closes took, by port
-- From the first FIN or RST until both ends were done (TIME_WAIT not counted),
-- for closes that came to their end: percentiles by nearest rank.
--
-- Group: Closing
-- :limit = 20   Rows at most.

WITH
  closes AS (
    SELECT server_port, close_ended - close_started AS us, count(*) AS n
    FROM flow_data
    WHERE close_ended IS NOT NULL
    GROUP BY 1, 2
  ),
  ranked AS (
    SELECT
      server_port, us,
      -- How many took `us` or less, and how many there are in all.
      sum(n) OVER (PARTITION BY server_port ORDER BY us) AS rank,
      sum(n) OVER (PARTITION BY server_port) AS closes
    FROM closes
  )
SELECT
  server_port, closes,
  min(us) FILTER (WHERE 100 * rank >= 50 * closes) / 1e6 AS median_s,
  min(us) FILTER (WHERE 100 * rank >= 90 * closes) / 1e6 AS p90_s,
  min(us) FILTER (WHERE 100 * rank >= 99 * closes) / 1e6 AS p99_s,
  max(us) / 1e6 AS longest_s
FROM ranked
GROUP BY server_port, closes
ORDER BY closes DESC, server_port
LIMIT coalesce(:limit, 20);
