-- The kernel's sockets, beside what packets show
-- The sockets that the captured host's own kernel had last (live --kernel), with
-- the state that packets show for the same end. wire_state is NULL where no
-- packet of theirs was captured, and UNKNOWN where packets do not show the state.
-- Those that differ come first, then the oldest; seen_s is how long the kernel's
-- state has been seen, at least. in_backlog: no program has accepted it, and
-- program is the one that listens.
--
-- Group: States
-- :state text = all   Only sockets that the kernel had in this state.
-- :limit = 50         Rows at most.

SELECT
  k.ip, k.port, k.peer_ip, k.peer_port,
  k.state AS kernel_state,
  CASE WHEN EXISTS (
    SELECT 1 FROM state_intervals AS i
    WHERE i.flow_id = k.flow_id AND i.endpoint = k.endpoint AND i.state = k.state AND i.evidence = 'kernel'
  ) THEN 'UNKNOWN' WHEN k.endpoint = 'client' THEN f.client_state ELSE f.server_state END AS wire_state,
  (k.last_seen_us - k.first_seen_us) / 1e6 AS seen_s,
  k.timer_us / 1e6 AS timer_s,
  k.program, k.pid, k.in_backlog, k.unread,
  k.flow_id AS flow
FROM kernel_sockets AS k
LEFT JOIN flows AS f ON f.id = k.flow_id
WHERE k.gone_us IS NULL
  AND k.capture_id = (SELECT max(capture_id) FROM kernel_samples)
  AND (:state IS NULL OR k.state = :state)
ORDER BY kernel_state IS NOT wire_state DESC, seen_s DESC, k.id
LIMIT coalesce(:limit, 50);
