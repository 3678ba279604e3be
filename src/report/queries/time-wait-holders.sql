-- Who holds the TIME_WAITs
-- For each client address, and each server address and port: how many
-- TIME_WAITs it had, how many of them stood when the capture ended, and for how
-- long at least the longest lasted.
--
-- Group: TIME_WAIT
-- :limit = 20   Rows at most.

SELECT
  endpoint,
  ip,
  iif(endpoint = 'server', port, NULL) AS port,
  count(*) AS time_waits,
  sum(ended_by = 'capture-end') AS standing,
  max(at_least_us) / 1e6 AS longest_at_least_s
FROM time_waits
GROUP BY 1, 2, 3
ORDER BY standing DESC, time_waits DESC, endpoint, ip, port
LIMIT coalesce(:limit, 20);
