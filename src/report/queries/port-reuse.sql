-- How soon ports were used again
-- A new connection from the same client address and port to the same server
-- and port: how long after the end of the close before it, or after its last
-- segment where that close had no end, its SYN came (0: before that end). Below
-- the length of TIME_WAIT a SYN may be dropped; not_opened counts those that led
-- nowhere.
--
-- Group: TIME_WAIT
-- :time_wait_s = 60   What counts as soon.
-- :limit = 20         Rows at most.

WITH uses AS (
  SELECT
    client_address, server_address, server_port, opened,
    max(0, first - lag(first + coalesce(close_ended, last)) OVER same_port) AS us
  FROM flow_data
  -- An address and a port in one number sort faster.
  WINDOW same_port AS (
    PARTITION BY client_address * 65536 + client_port, server_address * 65536 + server_port
    ORDER BY first
  )
)
SELECT
  c.ip AS client_ip, s.ip AS server_ip, server_port,
  count(*) AS used_again,
  sum(us < coalesce(:time_wait_s, 60) * 1e6) AS soon,
  sum(opened IS NULL) AS not_opened,
  min(us) / 1e6 AS shortest_s,
  max(us) / 1e6 AS longest_s
FROM uses
JOIN addresses AS c ON c.id = client_address
JOIN addresses AS s ON s.id = server_address
WHERE us IS NOT NULL
GROUP BY client_address, server_address, server_port
ORDER BY soon DESC, used_again DESC, client_ip, server_ip, server_port
LIMIT coalesce(:limit, 20);
