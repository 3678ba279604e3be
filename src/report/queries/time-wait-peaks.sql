-- The most TIME_WAITs at once, by holder
-- For the client addresses, and server addresses and ports, that had most
-- TIME_WAITs in all: how many stood at once at the peak, and when that was.
--
-- Group: TIME_WAIT
-- :limit = 10   Holders at most: those with most TIME_WAITs.

WITH
  holders AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY time_waits DESC, endpoint, address, port) AS holder, *
    FROM (
      SELECT 'client' AS endpoint, client_address AS address, NULL AS port, count(*) AS time_waits
      FROM flow_data WHERE client_time_wait IS NOT NULL GROUP BY client_address
      UNION ALL
      SELECT 'server', server_address, server_port, count(*)
      FROM flow_data WHERE server_time_wait IS NOT NULL GROUP BY server_address, server_port
    )
    ORDER BY holder
    LIMIT coalesce(:limit, 10)
  ),
  -- A TIME_WAIT stands from its entry until something ended it, or as long as it was watched.
  waits AS MATERIALIZED (
    SELECT holder, first + client_time_wait AS entered_us,
      first + coalesce(client_closed, observed + 1) AS left_us
    FROM flow_data
    CROSS JOIN holders ON endpoint = 'client' AND address = client_address
    WHERE client_time_wait IS NOT NULL
    UNION ALL
    SELECT holder, first + server_time_wait, first + coalesce(server_closed, observed + 1)
    FROM flow_data
    CROSS JOIN holders ON endpoint = 'server' AND address = server_address AND port = server_port
    WHERE server_time_wait IS NOT NULL
  ),
  counts AS (
    -- At one instant those that end go first.
    SELECT holder, us,
      sum(change) OVER (PARTITION BY holder ORDER BY us, change ROWS UNBOUNDED PRECEDING) AS standing
    FROM (
      SELECT holder, entered_us AS us, 1 AS change FROM waits
      UNION ALL
      SELECT holder, left_us, -1 FROM waits
    )
  )
-- The other columns of a row with max() are those of the first row that has it.
SELECT
  endpoint, ip, port, time_waits,
  max(standing) AS at_once,
  strftime('%Y-%m-%dT%H:%M:%fZ', us / 1000 / 1e3, 'unixepoch') AS first_at
FROM counts
JOIN holders USING (holder)
JOIN addresses ON addresses.id = address
GROUP BY holder
ORDER BY at_once DESC, endpoint, ip, port;
