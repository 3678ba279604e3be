-- Simultaneous closes: two FINs crossed
-- Both ends sent FIN before either had the other's. Both may hold a TIME_WAIT
-- then. gap_s is the time between the two FINs at the capture point.
--
-- Group: Closing
-- :limit = 20   Rows at most.

SELECT
  id AS flow,
  client_ip, client_port, server_ip, server_port,
  strftime('%Y-%m-%dT%H:%M:%fZ', close_started_us / 1000 / 1e3, 'unixepoch') AS close_started,
  abs(server_fin_us - client_fin_us) / 1e6 AS gap_s,
  client_state, server_state
FROM flows
WHERE closed_first = 'both'
ORDER BY close_started_us, id
LIMIT coalesce(:limit, 20);
