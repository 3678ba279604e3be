-- How many TIME_WAITs stood, over time
-- The number of TIME_WAITs at each of up to 61 instants, from the start of the
-- capture: those of clients, of servers, and of both.
--
-- Group: TIME_WAIT
-- :step_s = a round 60th of the capture   Seconds between two instants.
-- :ip text = all                          Only TIME_WAITs that this address holds.

WITH RECURSIVE
  span AS (SELECT min(first_us) AS from_us, max(last_us) AS to_us FROM captures),
  grid AS MATERIALIZED (
    SELECT from_us, to_us, cast(round(1e6 * coalesce(
      :step_s,
      (
        SELECT min(value)
        FROM json_each('[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 3600, 21600]')
        WHERE value * 60e6 >= to_us - from_us
      ),
      (1 + (to_us - from_us) / 5184000000000) * 86400 -- days
    )) AS INTEGER) AS step_us
    FROM span
  ),
  instants(n) AS (
    SELECT 0
    UNION ALL
    SELECT n + 1 FROM instants, grid WHERE from_us + (n + 1) * step_us <= to_us
  ),
  -- A TIME_WAIT stands from its entry until something ended it, or as long as it was watched.
  waits AS (
    SELECT 'client' AS endpoint, first + client_time_wait AS entered_us,
      first + coalesce(client_closed, observed + 1) AS left_us
    FROM flow_data
    WHERE client_time_wait IS NOT NULL
      AND (:ip IS NULL OR client_address IN (SELECT id FROM addresses WHERE ip = :ip))
    UNION ALL
    SELECT 'server', first + server_time_wait, first + coalesce(server_closed, observed + 1)
    FROM flow_data
    WHERE server_time_wait IS NOT NULL
      AND (:ip IS NULL OR server_address IN (SELECT id FROM addresses WHERE ip = :ip))
  ),
  -- The first instant that sees it, and the first that no longer does.
  seen AS MATERIALIZED (
    SELECT endpoint, (entered_us - from_us + step_us - 1) / step_us AS from_n,
      (left_us - from_us + step_us - 1) / step_us AS until_n, count(*) AS time_waits
    FROM waits, grid
    GROUP BY 1, 2, 3
    HAVING from_n < until_n
  ),
  changes AS (
    SELECT endpoint, from_n AS n, time_waits AS change FROM seen
    UNION ALL
    SELECT endpoint, until_n, -time_waits FROM seen
  )
SELECT
  strftime('%Y-%m-%dT%H:%M:%fZ', (from_us + n * step_us) / 1000 / 1e3, 'unixepoch') AS at,
  sum(coalesce(client_change, 0)) OVER so_far AS clients,
  sum(coalesce(server_change, 0)) OVER so_far AS servers,
  sum(coalesce(client_change + server_change, 0)) OVER so_far AS time_waits
FROM instants
JOIN grid
LEFT JOIN (
  SELECT n, sum(iif(endpoint = 'client', change, 0)) AS client_change,
    sum(iif(endpoint = 'server', change, 0)) AS server_change
  FROM changes
  GROUP BY n
) USING (n)
WHERE step_us > 0
WINDOW so_far AS (ORDER BY n)
ORDER BY n;
