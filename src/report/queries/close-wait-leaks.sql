-- Ends that leak CLOSE_WAIT, and what it looks like
-- Ends whose peer has closed and that do not close themselves, by client
-- address, or server address and port. looks_like is a hypothesis: "full
-- backlog" where those that stand never sent a byte, so perhaps no program ever
-- took the connection; "missing close()" where none ended, or one stands for
-- longer than any that ended; "slow handler" where they end, but late.
--
-- Group: CLOSE_WAIT
-- :slow_s = 1   CLOSE_WAITs that ended after this many seconds or more were slow.
-- :limit = 20   Rows at most.

WITH
  -- Those that a FIN or an RST ended, and those that stood at the end of the capture.
  waits AS (
    SELECT 'server' AS endpoint, server_address AS address, server_port AS port,
      coalesce(server_last_ack, server_closed) - server_close_wait AS ended_us,
      observed - server_close_wait AS watched_us, server_bytes AS bytes
    FROM flow_data
    WHERE server_close_wait IS NOT NULL AND (server_last_ack IS NOT NULL OR server_unknown IS NULL)
      AND (server_last_ack IS NOT NULL OR reset_by IS NOT NULL OR server_closed IS NULL AND NOT evicted)
    UNION ALL
    SELECT 'client', client_address, NULL,
      coalesce(client_last_ack, client_closed) - client_close_wait,
      observed - client_close_wait, client_bytes
    FROM flow_data
    WHERE client_close_wait IS NOT NULL AND (client_last_ack IS NOT NULL OR client_unknown IS NULL)
      AND (client_last_ack IS NOT NULL OR reset_by IS NOT NULL OR client_closed IS NULL AND NOT evicted)
  ),
  holders AS (
    SELECT
      endpoint, address, port,
      sum(ended_us IS NULL) AS standing,
      sum(ended_us IS NULL AND bytes = 0) AS standing_mute,
      max(iif(ended_us IS NULL, watched_us, NULL)) AS oldest_us,
      sum(ended_us IS NOT NULL) AS ended,
      max(ended_us) AS longest_ended_us,
      coalesce(:slow_s, 1) * 1e6 AS slow_us
    FROM waits
    GROUP BY endpoint, address, port
    HAVING standing > 0 OR longest_ended_us >= slow_us
  )
SELECT
  endpoint, ip, port,
  standing, standing_mute,
  oldest_us / 1e6 AS oldest_s,
  ended,
  longest_ended_us / 1e6 AS longest_ended_s,
  CASE
    WHEN standing > 0 AND standing_mute = standing AND endpoint = 'server' THEN 'full backlog'
    WHEN standing > 0 AND ended = 0 THEN 'missing close()'
    WHEN oldest_us > longest_ended_us THEN 'missing close()'
    WHEN longest_ended_us >= slow_us THEN 'slow handler'
  END AS looks_like
FROM holders
JOIN addresses ON addresses.id = address
ORDER BY standing DESC, longest_ended_us DESC, endpoint, ip, port
LIMIT coalesce(:limit, 20);
