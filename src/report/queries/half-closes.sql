-- Half-closed flows: one end closed, the other went on
-- Flows where the second FIN came late or never: how long only one direction
-- was closed, what the other end still had to send in all, and how it ended.
-- "half" and "open" under close_kind: it had not ended when the capture did.
--
-- Group: Closing
-- :longer_s = 1   Only those that were half-closed for at least this many seconds.
-- :limit = 20     Rows at most.

WITH half AS (
  SELECT
    id,
    iif(
      client_fin IS NOT NULL AND server_fin IS NOT NULL,
      abs(server_fin - client_fin),
      coalesce(close_ended, observed) - coalesce(client_fin, server_fin)
    ) AS us
  FROM flow_data
  -- Of an end whose state is unknown the FIN may have come before the capture, or be missing in it.
  WHERE client_fin IS NOT NULL AND server_fin IS NOT NULL
    OR coalesce(client_fin, server_fin) IS NOT NULL AND coalesce(client_unknown, server_unknown) IS NULL
)
SELECT
  id AS flow,
  client_ip, client_port, server_ip, server_port,
  closed_first,
  us / 1e6 AS half_closed_s,
  iif(closed_first = 'client', server_bytes, client_bytes) AS bytes_of_other,
  close_kind
FROM (
  SELECT id, us
  FROM half
  WHERE us >= coalesce(:longer_s, 1) * 1e6
  ORDER BY us DESC, id
  LIMIT coalesce(:limit, 20)
)
JOIN flows USING (id)
ORDER BY us DESC, id;
