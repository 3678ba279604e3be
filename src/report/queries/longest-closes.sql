-- The flows whose close took longest, and where they waited
-- From the first FIN or RST until both ends were done, or until the capture
-- ended where they never were; with the time each end spent in the states in
-- between. A "+" means: at least this long, nothing later was seen.
--
-- Group: Closing
-- :limit = 10   Flows at most.

WITH
  slow AS (
    SELECT id, coalesce(close_ended, observed) - close_started AS close_us
    FROM flow_data
    -- Of an end whose state is unknown the close may have been over.
    WHERE close_ended IS NOT NULL OR coalesce(client_unknown, server_unknown) IS NULL
    ORDER BY close_us DESC, id
    LIMIT coalesce(:limit, 10)
  ),
  waits AS (
    SELECT flow_id, endpoint, state, left_us, entered_us, step
    FROM state_intervals
    WHERE flow_id IN (SELECT id FROM slow)
      AND state IN ('FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSING', 'CLOSE_WAIT', 'LAST_ACK')
  )
SELECT
  id AS flow,
  client_ip, client_port, server_ip, server_port,
  closed_first, close_kind,
  close_us / 1e6 AS close_s,
  (
    SELECT group_concat(wait, ', ')
    FROM (
      SELECT printf('%s %s %.3f s%s', endpoint, state,
        (coalesce(left_us, observed_us) - entered_us) / 1e6, iif(left_us IS NULL, '+', '')) AS wait
      FROM waits
      WHERE flow_id = id
      ORDER BY endpoint, step
    )
  ) AS waited_in
FROM slow
JOIN flows USING (id)
WHERE close_us IS NOT NULL
ORDER BY close_us DESC, id;
