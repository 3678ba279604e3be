-- The most ends at once in each state
-- How many clients or servers were in each state at the peak, among up to 61
-- instants from the start of the capture to its end, and the first of these
-- instants that saw that many. A smaller step comes nearer to the true peak.
--
-- Group: States
-- :step_s = a round 60th of the capture   Seconds between two instants.

WITH
  span AS (SELECT min(first_us) AS from_us, max(last_us) AS to_us FROM captures),
  grid AS MATERIALIZED (
    SELECT from_us, to_us, cast(round(1e6 * coalesce(
      :step_s,
      (
        SELECT min(value)
        FROM json_each('[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 3600,
        21600]')
        WHERE value * 60e6 >= to_us - from_us
      ),
      (1 + (to_us - from_us) / 5184000000000) * 86400 -- days
    )) AS INTEGER) AS step_us
    FROM span
  ),
  -- Flows that come and go between two instants are seen by none: all but their
  -- TIME_WAITs can be left out. (x + step_us - 1) / step_us is the first instant from x on.
  seen AS MATERIALIZED (
    SELECT
      first, observed + 1 AS unwatched,
      client_syn_sent, client_syn_received, client_established, client_fin_wait_1,
      client_fin_wait_2, client_closing, client_time_wait, client_close_wait, client_last_ack,
      client_unknown, client_closed,
      server_syn_sent, server_syn_received, server_established, server_fin_wait_1,
      server_fin_wait_2, server_closing, server_time_wait, server_close_wait, server_last_ack,
      server_unknown, server_closed
    FROM flow_data, grid
    WHERE (first - from_us + step_us - 1) / step_us < (first - from_us + step_us - 1 + max(
      coalesce(client_time_wait, client_closed, observed + 1),
      coalesce(server_time_wait, server_closed, observed + 1)
    )) / step_us
  ),
  -- A state is left for the first later one that was entered.
  lives(endpoint, state, entered_us, left_us) AS (
    SELECT 'client', 'SYN_SENT', first + client_syn_sent, first + coalesce(
      client_syn_received, client_established, client_fin_wait_1, client_fin_wait_2,
      client_closing, client_time_wait, client_close_wait, client_last_ack, client_unknown,
      client_closed,
      unwatched
    ) FROM seen WHERE client_syn_sent IS NOT NULL
    UNION ALL
    SELECT 'client', 'SYN_RECEIVED', first + client_syn_received, first + coalesce(
      client_established, client_fin_wait_1, client_fin_wait_2, client_closing,
      client_time_wait, client_close_wait, client_last_ack, client_unknown, client_closed, unwatched
    ) FROM seen WHERE client_syn_received IS NOT NULL
    UNION ALL
    SELECT 'client', 'ESTABLISHED', first + client_established, first + coalesce(
      client_fin_wait_1, client_fin_wait_2, client_closing, client_time_wait, client_close_wait,
      client_last_ack, client_unknown, client_closed, unwatched
    ) FROM seen WHERE client_established IS NOT NULL
    UNION ALL
    SELECT 'client', 'FIN_WAIT_1', first + client_fin_wait_1, first + coalesce(
      client_fin_wait_2, client_closing, client_time_wait, client_close_wait, client_last_ack,
      client_unknown, client_closed, unwatched
    ) FROM seen WHERE client_fin_wait_1 IS NOT NULL
    UNION ALL
    SELECT 'client', 'FIN_WAIT_2', first + client_fin_wait_2, first + coalesce(
      client_closing, client_time_wait, client_close_wait, client_last_ack, client_unknown,
      client_closed,
      unwatched
    ) FROM seen WHERE client_fin_wait_2 IS NOT NULL
    UNION ALL
    SELECT 'client', 'CLOSING', first + client_closing, first + coalesce(
      client_time_wait, client_close_wait, client_last_ack, client_unknown, client_closed, unwatched
    ) FROM seen WHERE client_closing IS NOT NULL
    UNION ALL
    SELECT 'client', 'CLOSE_WAIT', first + client_close_wait, first + coalesce(
      client_last_ack, client_unknown, client_closed, unwatched
    ) FROM seen WHERE client_close_wait IS NOT NULL
    UNION ALL
    SELECT 'client', 'LAST_ACK', first + client_last_ack, first + coalesce(
      client_unknown, client_closed, unwatched
    ) FROM seen WHERE client_last_ack IS NOT NULL
    UNION ALL
    SELECT 'server', 'SYN_SENT', first + server_syn_sent, first + coalesce(
      server_syn_received, server_established, server_fin_wait_1, server_fin_wait_2,
      server_closing, server_time_wait, server_close_wait, server_last_ack, server_unknown,
      server_closed,
      unwatched
    ) FROM seen WHERE server_syn_sent IS NOT NULL
    UNION ALL
    SELECT 'server', 'SYN_RECEIVED', first + server_syn_received, first + coalesce(
      server_established, server_fin_wait_1, server_fin_wait_2, server_closing,
      server_time_wait, server_close_wait, server_last_ack, server_unknown, server_closed, unwatched
    ) FROM seen WHERE server_syn_received IS NOT NULL
    UNION ALL
    SELECT 'server', 'ESTABLISHED', first + server_established, first + coalesce(
      server_fin_wait_1, server_fin_wait_2, server_closing, server_time_wait, server_close_wait,
      server_last_ack, server_unknown, server_closed, unwatched
    ) FROM seen WHERE server_established IS NOT NULL
    UNION ALL
    SELECT 'server', 'FIN_WAIT_1', first + server_fin_wait_1, first + coalesce(
      server_fin_wait_2, server_closing, server_time_wait, server_close_wait, server_last_ack,
      server_unknown, server_closed, unwatched
    ) FROM seen WHERE server_fin_wait_1 IS NOT NULL
    UNION ALL
    SELECT 'server', 'FIN_WAIT_2', first + server_fin_wait_2, first + coalesce(
      server_closing, server_time_wait, server_close_wait, server_last_ack, server_unknown,
      server_closed,
      unwatched
    ) FROM seen WHERE server_fin_wait_2 IS NOT NULL
    UNION ALL
    SELECT 'server', 'CLOSING', first + server_closing, first + coalesce(
      server_time_wait, server_close_wait, server_last_ack, server_unknown, server_closed, unwatched
    ) FROM seen WHERE server_closing IS NOT NULL
    UNION ALL
    SELECT 'server', 'CLOSE_WAIT', first + server_close_wait, first + coalesce(
      server_last_ack, server_unknown, server_closed, unwatched
    ) FROM seen WHERE server_close_wait IS NOT NULL
    UNION ALL
    SELECT 'server', 'LAST_ACK', first + server_last_ack, first + coalesce(
      server_unknown, server_closed, unwatched
    ) FROM seen WHERE server_last_ack IS NOT NULL
  ),
  -- The first instant that sees a state, and the first that no longer does.
  spells(endpoint, state, from_n, until_n, ends) AS MATERIALIZED (
    SELECT endpoint, state, (entered_us - from_us + step_us - 1) / step_us,
      (left_us - from_us + step_us - 1) / step_us, count(*)
    FROM lives, grid GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT 'client', 'TIME_WAIT', (first + client_time_wait - from_us + step_us - 1) / step_us,
      (first + coalesce(client_closed, observed + 1) - from_us + step_us - 1) / step_us, count(*)
    FROM flow_data, grid WHERE client_time_wait IS NOT NULL GROUP BY 3, 4
    UNION ALL
    SELECT 'server', 'TIME_WAIT', (first + server_time_wait - from_us + step_us - 1) / step_us,
      (first + coalesce(server_closed, observed + 1) - from_us + step_us - 1) / step_us, count(*)
    FROM flow_data, grid WHERE server_time_wait IS NOT NULL GROUP BY 3, 4
  ),
  counts AS (
    SELECT endpoint, state, n,
      sum(sum(change)) OVER (PARTITION BY endpoint, state ORDER BY n) AS ends
    FROM (
      SELECT endpoint, state, from_n AS n, ends AS change FROM spells WHERE from_n < until_n
      UNION ALL
      SELECT endpoint, state, until_n, -ends FROM spells WHERE from_n < until_n
    )
    GROUP BY endpoint, state, n
  )
-- The other columns of a row with max() are those of the row that has it.
SELECT
  endpoint, state,
  max(ends) AS at_once,
  strftime('%Y-%m-%dT%H:%M:%fZ', (from_us + n * step_us) / 1000 / 1e3, 'unixepoch') AS at
FROM counts, grid
WHERE from_us + n * step_us <= to_us
GROUP BY endpoint, state
ORDER BY at_once DESC, endpoint, state;
