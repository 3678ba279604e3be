-- How long closes took, by port
-- From the first FIN or RST until both ends were done (TIME_WAIT not counted),
-- for closes that came to their end: percentiles by nearest rank.
--
-- Group: Closing
-- :limit = 20   Rows at most.

WITH
  closes AS (
    SELECT
      server_port,
      close_ended - close_started AS us,
      row_number() OVER (PARTITION BY server_port ORDER BY close_ended - close_started) AS rank
    FROM flow_data
    WHERE close_ended IS NOT NULL
  ),
  ports AS (
    SELECT server_port, count(*) AS n
    FROM flow_data
    WHERE close_ended IS NOT NULL
    GROUP BY server_port
  )
SELECT
  server_port,
  n AS closes,
  max(iif(rank = (n * 50 + 99) / 100, us, NULL)) / 1e6 AS median_s,
  max(iif(rank = (n * 90 + 99) / 100, us, NULL)) / 1e6 AS p90_s,
  max(iif(rank = (n * 99 + 99) / 100, us, NULL)) / 1e6 AS p99_s,
  max(us) / 1e6 AS longest_s
FROM closes
JOIN ports USING (server_port)
-- The ranks that are looked for; the last is the longest.
WHERE rank IN ((n * 50 + 99) / 100, (n * 90 + 99) / 100, (n * 99 + 99) / 100, n)
GROUP BY server_port
ORDER BY closes DESC, server_port
LIMIT coalesce(:limit, 20);
