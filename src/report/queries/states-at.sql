-- States at an instant: netstat of the past
-- How many ends of flows, clients and servers, were in each state. A state is
-- held until the end enters the next one; where nothing later was seen, as long
-- as the flow was watched. UNKNOWN: the capture does not show the state.
--
-- Group: States
-- :at = the end of the capture   The instant, seconds since the epoch.
-- :ip text = all                 Only ends with this address.

WITH
  moment AS (
    SELECT coalesce(cast(round(:at * 1e6) AS INTEGER), max(last_us)) AS at_us FROM captures
  ),
  watched AS (
    SELECT *, at_us - first AS t FROM flow_data, moment WHERE at_us - first BETWEEN 0 AND observed
  ),
  ends AS (
    SELECT
      'client' AS endpoint,
      CASE
        WHEN client_closed <= t THEN 'CLOSED'
        WHEN client_unknown <= t THEN 'UNKNOWN'
        WHEN client_last_ack <= t THEN 'LAST_ACK'
        WHEN client_close_wait <= t THEN 'CLOSE_WAIT'
        WHEN client_time_wait <= t THEN 'TIME_WAIT'
        WHEN client_closing <= t THEN 'CLOSING'
        WHEN client_fin_wait_2 <= t THEN 'FIN_WAIT_2'
        WHEN client_fin_wait_1 <= t THEN 'FIN_WAIT_1'
        WHEN client_established <= t THEN 'ESTABLISHED'
        WHEN client_syn_received <= t THEN 'SYN_RECEIVED'
        WHEN client_syn_sent <= t THEN 'SYN_SENT'
      END AS state
    FROM watched
    WHERE :ip IS NULL OR client_address IN (SELECT id FROM addresses WHERE ip = :ip)
    UNION ALL
    SELECT
      'server' AS endpoint,
      CASE
        WHEN server_closed <= t THEN 'CLOSED'
        WHEN server_unknown <= t THEN 'UNKNOWN'
        WHEN server_last_ack <= t THEN 'LAST_ACK'
        WHEN server_close_wait <= t THEN 'CLOSE_WAIT'
        WHEN server_time_wait <= t THEN 'TIME_WAIT'
        WHEN server_closing <= t THEN 'CLOSING'
        WHEN server_fin_wait_2 <= t THEN 'FIN_WAIT_2'
        WHEN server_fin_wait_1 <= t THEN 'FIN_WAIT_1'
        WHEN server_established <= t THEN 'ESTABLISHED'
        WHEN server_syn_received <= t THEN 'SYN_RECEIVED'
        WHEN server_syn_sent <= t THEN 'SYN_SENT'
      END AS state
    FROM watched
    WHERE :ip IS NULL OR server_address IN (SELECT id FROM addresses WHERE ip = :ip)
  )
SELECT
  state,
  sum(endpoint = 'client') AS clients,
  sum(endpoint = 'server') AS servers,
  count(*) AS sockets
FROM ends
WHERE state <> 'CLOSED'
GROUP BY state
ORDER BY sockets DESC, state;
