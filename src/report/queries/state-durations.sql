-- How long ends waited in each state of the close
-- FIN_WAIT_1, FIN_WAIT_2, CLOSING, CLOSE_WAIT and LAST_ACK, of all clients and all
-- servers: how often the state was entered, was seen to end, and the longest of
-- those that ended. standing: nothing later was seen before the capture ended.
-- TIME_WAIT is in time-wait-durations.
--
-- Group: States

WITH
  -- What follows UNKNOWN does not show when the state before it ended.
  ends AS (
    SELECT
      *,
      CASE WHEN client_unknown IS NULL THEN client_closed END AS client_end,
      CASE WHEN server_unknown IS NULL THEN server_closed END AS server_end
    FROM flow_data
  ),
  -- A state is left for the first later one that was entered.
  waits AS (
    SELECT
      *,
      coalesce(client_fin_wait_2, client_closing, client_time_wait, client_end)
        - client_fin_wait_1 AS client_fin_wait_1_us,
      coalesce(client_time_wait, client_end) - client_fin_wait_2 AS client_fin_wait_2_us,
      coalesce(client_time_wait, client_end) - client_closing AS client_closing_us,
      coalesce(client_last_ack, client_end) - client_close_wait AS client_close_wait_us,
      client_end - client_last_ack AS client_last_ack_us,
      coalesce(server_fin_wait_2, server_closing, server_time_wait, server_end)
        - server_fin_wait_1 AS server_fin_wait_1_us,
      coalesce(server_time_wait, server_end) - server_fin_wait_2 AS server_fin_wait_2_us,
      coalesce(server_time_wait, server_end) - server_closing AS server_closing_us,
      coalesce(server_last_ack, server_end) - server_close_wait AS server_close_wait_us,
      server_end - server_last_ack AS server_last_ack_us
    FROM ends
  ),
  -- All in one row: one pass over the flows, and no sorting.
  totals AS MATERIALIZED (
    SELECT
      count(client_fin_wait_1) AS client_fin_wait_1_n,
      count(CASE
        WHEN coalesce(
          client_fin_wait_2, client_closing, client_time_wait, client_unknown, client_closed
        ) IS NULL THEN client_fin_wait_1 END) AS client_fin_wait_1_standing,
      count(client_fin_wait_1_us) AS client_fin_wait_1_ended,
      max(client_fin_wait_1_us) AS client_fin_wait_1_longest,
      count(client_fin_wait_2) AS client_fin_wait_2_n,
      count(CASE WHEN coalesce(client_time_wait, client_unknown, client_closed) IS NULL
        THEN client_fin_wait_2 END) AS client_fin_wait_2_standing,
      count(client_fin_wait_2_us) AS client_fin_wait_2_ended,
      max(client_fin_wait_2_us) AS client_fin_wait_2_longest,
      count(client_closing) AS client_closing_n,
      count(CASE WHEN coalesce(client_time_wait, client_unknown, client_closed) IS NULL
        THEN client_closing END) AS client_closing_standing,
      count(client_closing_us) AS client_closing_ended,
      max(client_closing_us) AS client_closing_longest,
      count(client_close_wait) AS client_close_wait_n,
      count(CASE WHEN coalesce(client_last_ack, client_unknown, client_closed) IS NULL
        THEN client_close_wait END) AS client_close_wait_standing,
      count(client_close_wait_us) AS client_close_wait_ended,
      max(client_close_wait_us) AS client_close_wait_longest,
      count(client_last_ack) AS client_last_ack_n,
      count(CASE WHEN coalesce(client_unknown, client_closed) IS NULL
        THEN client_last_ack END) AS client_last_ack_standing,
      count(client_last_ack_us) AS client_last_ack_ended,
      max(client_last_ack_us) AS client_last_ack_longest,
      count(server_fin_wait_1) AS server_fin_wait_1_n,
      count(CASE
        WHEN coalesce(
          server_fin_wait_2, server_closing, server_time_wait, server_unknown, server_closed
        ) IS NULL THEN server_fin_wait_1 END) AS server_fin_wait_1_standing,
      count(server_fin_wait_1_us) AS server_fin_wait_1_ended,
      max(server_fin_wait_1_us) AS server_fin_wait_1_longest,
      count(server_fin_wait_2) AS server_fin_wait_2_n,
      count(CASE WHEN coalesce(server_time_wait, server_unknown, server_closed) IS NULL
        THEN server_fin_wait_2 END) AS server_fin_wait_2_standing,
      count(server_fin_wait_2_us) AS server_fin_wait_2_ended,
      max(server_fin_wait_2_us) AS server_fin_wait_2_longest,
      count(server_closing) AS server_closing_n,
      count(CASE WHEN coalesce(server_time_wait, server_unknown, server_closed) IS NULL
        THEN server_closing END) AS server_closing_standing,
      count(server_closing_us) AS server_closing_ended,
      max(server_closing_us) AS server_closing_longest,
      count(server_close_wait) AS server_close_wait_n,
      count(CASE WHEN coalesce(server_last_ack, server_unknown, server_closed) IS NULL
        THEN server_close_wait END) AS server_close_wait_standing,
      count(server_close_wait_us) AS server_close_wait_ended,
      max(server_close_wait_us) AS server_close_wait_longest,
      count(server_last_ack) AS server_last_ack_n,
      count(CASE WHEN coalesce(server_unknown, server_closed) IS NULL
        THEN server_last_ack END) AS server_last_ack_standing,
      count(server_last_ack_us) AS server_last_ack_ended,
      max(server_last_ack_us) AS server_last_ack_longest
    FROM waits
  ),
  states(endpoint, state, entered, ended, longest_us, standing) AS (
    SELECT 'client', 'FIN_WAIT_1', client_fin_wait_1_n, client_fin_wait_1_ended, client_fin_wait_1_longest,
      client_fin_wait_1_standing
    FROM totals
    UNION ALL
    SELECT 'client', 'FIN_WAIT_2', client_fin_wait_2_n, client_fin_wait_2_ended, client_fin_wait_2_longest,
      client_fin_wait_2_standing
    FROM totals
    UNION ALL
    SELECT 'client', 'CLOSING', client_closing_n, client_closing_ended, client_closing_longest,
      client_closing_standing
    FROM totals
    UNION ALL
    SELECT 'client', 'CLOSE_WAIT', client_close_wait_n, client_close_wait_ended, client_close_wait_longest,
      client_close_wait_standing
    FROM totals
    UNION ALL
    SELECT 'client', 'LAST_ACK', client_last_ack_n, client_last_ack_ended, client_last_ack_longest,
      client_last_ack_standing
    FROM totals
    UNION ALL
    SELECT 'server', 'FIN_WAIT_1', server_fin_wait_1_n, server_fin_wait_1_ended, server_fin_wait_1_longest,
      server_fin_wait_1_standing
    FROM totals
    UNION ALL
    SELECT 'server', 'FIN_WAIT_2', server_fin_wait_2_n, server_fin_wait_2_ended, server_fin_wait_2_longest,
      server_fin_wait_2_standing
    FROM totals
    UNION ALL
    SELECT 'server', 'CLOSING', server_closing_n, server_closing_ended, server_closing_longest,
      server_closing_standing
    FROM totals
    UNION ALL
    SELECT 'server', 'CLOSE_WAIT', server_close_wait_n, server_close_wait_ended, server_close_wait_longest,
      server_close_wait_standing
    FROM totals
    UNION ALL
    SELECT 'server', 'LAST_ACK', server_last_ack_n, server_last_ack_ended, server_last_ack_longest,
      server_last_ack_standing
    FROM totals
  )
SELECT
  endpoint, state,
  entered, ended,
  longest_us / 1e6 AS longest_s,
  standing
FROM states
WHERE entered > 0
ORDER BY endpoint, state;
