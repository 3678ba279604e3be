-- How long ends waited in each state of the close
-- FIN_WAIT_1, FIN_WAIT_2, CLOSING, CLOSE_WAIT and LAST_ACK, of all clients and all
-- servers: how often the state was entered, was seen to end, and the longest of
-- those that ended. standing: nothing later was seen before the capture ended.
-- TIME_WAIT is in time-wait-durations.
--
-- Group: States

WITH
  -- A state is left for the first later one that was entered.
  waits AS (
    SELECT
      *,
      coalesce(client_fin_wait_2, client_closing, client_time_wait, client_closed)
        - client_fin_wait_1 AS client_fin_wait_1_us,
      coalesce(client_time_wait, client_closed) - client_fin_wait_2 AS client_fin_wait_2_us,
      coalesce(client_time_wait, client_closed) - client_closing AS client_closing_us,
      coalesce(client_last_ack, client_closed) - client_close_wait AS client_close_wait_us,
      client_closed - client_last_ack AS client_last_ack_us,
      coalesce(server_fin_wait_2, server_closing, server_time_wait, server_closed)
        - server_fin_wait_1 AS server_fin_wait_1_us,
      coalesce(server_time_wait, server_closed) - server_fin_wait_2 AS server_fin_wait_2_us,
      coalesce(server_time_wait, server_closed) - server_closing AS server_closing_us,
      coalesce(server_last_ack, server_closed) - server_close_wait AS server_close_wait_us,
      server_closed - server_last_ack AS server_last_ack_us
    FROM flow_data
  ),
  -- All in one row: one pass over the flows, and no sorting.
  totals AS MATERIALIZED (
    SELECT
      count(client_fin_wait_1) AS client_fin_wait_1_n,
      count(client_fin_wait_1_us) AS client_fin_wait_1_ended,
      max(client_fin_wait_1_us) AS client_fin_wait_1_longest,
      count(client_fin_wait_2) AS client_fin_wait_2_n,
      count(client_fin_wait_2_us) AS client_fin_wait_2_ended,
      max(client_fin_wait_2_us) AS client_fin_wait_2_longest,
      count(client_closing) AS client_closing_n,
      count(client_closing_us) AS client_closing_ended,
      max(client_closing_us) AS client_closing_longest,
      count(client_close_wait) AS client_close_wait_n,
      count(client_close_wait_us) AS client_close_wait_ended,
      max(client_close_wait_us) AS client_close_wait_longest,
      count(client_last_ack) AS client_last_ack_n,
      count(client_last_ack_us) AS client_last_ack_ended,
      max(client_last_ack_us) AS client_last_ack_longest,
      count(server_fin_wait_1) AS server_fin_wait_1_n,
      count(server_fin_wait_1_us) AS server_fin_wait_1_ended,
      max(server_fin_wait_1_us) AS server_fin_wait_1_longest,
      count(server_fin_wait_2) AS server_fin_wait_2_n,
      count(server_fin_wait_2_us) AS server_fin_wait_2_ended,
      max(server_fin_wait_2_us) AS server_fin_wait_2_longest,
      count(server_closing) AS server_closing_n,
      count(server_closing_us) AS server_closing_ended,
      max(server_closing_us) AS server_closing_longest,
      count(server_close_wait) AS server_close_wait_n,
      count(server_close_wait_us) AS server_close_wait_ended,
      max(server_close_wait_us) AS server_close_wait_longest,
      count(server_last_ack) AS server_last_ack_n,
      count(server_last_ack_us) AS server_last_ack_ended,
      max(server_last_ack_us) AS server_last_ack_longest
    FROM waits
  ),
  states(endpoint, state, entered, ended, longest_us) AS (
    SELECT 'client', 'FIN_WAIT_1', client_fin_wait_1_n, client_fin_wait_1_ended, client_fin_wait_1_longest
    FROM totals
    UNION ALL
    SELECT 'client', 'FIN_WAIT_2', client_fin_wait_2_n, client_fin_wait_2_ended, client_fin_wait_2_longest
    FROM totals
    UNION ALL
    SELECT 'client', 'CLOSING', client_closing_n, client_closing_ended, client_closing_longest
    FROM totals
    UNION ALL
    SELECT 'client', 'CLOSE_WAIT', client_close_wait_n, client_close_wait_ended, client_close_wait_longest
    FROM totals
    UNION ALL
    SELECT 'client', 'LAST_ACK', client_last_ack_n, client_last_ack_ended, client_last_ack_longest
    FROM totals
    UNION ALL
    SELECT 'server', 'FIN_WAIT_1', server_fin_wait_1_n, server_fin_wait_1_ended, server_fin_wait_1_longest
    FROM totals
    UNION ALL
    SELECT 'server', 'FIN_WAIT_2', server_fin_wait_2_n, server_fin_wait_2_ended, server_fin_wait_2_longest
    FROM totals
    UNION ALL
    SELECT 'server', 'CLOSING', server_closing_n, server_closing_ended, server_closing_longest
    FROM totals
    UNION ALL
    SELECT 'server', 'CLOSE_WAIT', server_close_wait_n, server_close_wait_ended, server_close_wait_longest
    FROM totals
    UNION ALL
    SELECT 'server', 'LAST_ACK', server_last_ack_n, server_last_ack_ended, server_last_ack_longest
    FROM totals
  )
SELECT
  endpoint, state,
  entered, ended,
  longest_us / 1e6 AS longest_s,
  entered - ended AS standing
FROM states
WHERE entered > 0
ORDER BY endpoint, state;
