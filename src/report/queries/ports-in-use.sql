-- Ports that TIME_WAITs keep from a client, by destination
-- A client that closes first cannot use the port again for the same server and
-- port while its TIME_WAIT stands. Linux has 28,232 local ports for each
-- destination by default (ip_local_port_range 32768 to 60999): the TIME_WAITs
-- that stood at once at the peak, when that was, and their share of the ports.
--
-- Group: TIME_WAIT
-- :ports = 28232   Local ports that the clients have.
-- :limit = 10      Destinations at most: those with most TIME_WAITs.

WITH
  destinations AS MATERIALIZED (
    SELECT client_address AS client, server_address AS server, server_port AS port, count(*) AS time_waits
    FROM flow_data
    WHERE client_time_wait IS NOT NULL
    GROUP BY 1, 2, 3
    ORDER BY time_waits DESC, 1, 2, 3
    LIMIT coalesce(:limit, 10)
  ),
  waits AS (
    SELECT client, server, port, time_waits, first + client_time_wait AS entered_us,
      first + coalesce(client_closed, observed + 1) AS left_us
    FROM flow_data
    CROSS JOIN destinations ON client_address = client AND server_address = server AND server_port = port
    WHERE client_time_wait IS NOT NULL
  ),
  changes AS (
    SELECT client, server, port, time_waits, entered_us AS us, 1 AS change FROM waits
    UNION ALL
    SELECT client, server, port, time_waits, left_us, -1 FROM waits
  ),
  counts AS (
    SELECT client, server, port, time_waits, us,
      -- At one instant those that end go first.
      sum(change) OVER (
        PARTITION BY client, server, port ORDER BY us, change ROWS UNBOUNDED PRECEDING
      ) AS standing
    FROM changes
  )
-- The other columns of a row with max() are those of the row that has it.
SELECT
  c.ip AS client_ip, s.ip AS server_ip, port AS server_port, time_waits,
  max(standing) AS at_once,
  strftime('%Y-%m-%dT%H:%M:%fZ', us / 1000 / 1e3, 'unixepoch') AS first_at,
  round(100.0 * max(standing) / coalesce(:ports, 28232), 2) AS percent_of_ports
FROM counts
JOIN addresses AS c ON c.id = client
JOIN addresses AS s ON s.id = server
GROUP BY client, server, port
ORDER BY at_once DESC, client_ip, server_ip, server_port;
