-- Which programs hold CLOSE_WAITs, by the kernel
-- The CLOSE_WAITs that the captured host's own kernel had last (live --kernel),
-- by program and port, with those whose close began before the capture. The peer
-- has closed them all; unseen: no packet of theirs was captured. in_backlog: the
-- program listens and has never accepted them. not_read: it has accepted them
-- and has not read what came, or has not noticed the end. read_all: it has read
-- to the end and does not close.
--
-- Group: CLOSE_WAIT
-- :limit = 20   Rows at most.

SELECT
  ip, port, program, pid,
  count(*) AS close_waits,
  sum(in_backlog) AS in_backlog,
  sum(NOT in_backlog AND unread > 0) AS not_read,
  sum(NOT in_backlog AND unread = 0) AS read_all,
  sum(flow_id IS NULL) AS unseen,
  max(last_seen_us - first_seen_us) / 1e6 AS oldest_at_least_s
FROM kernel_sockets
WHERE state = 'CLOSE_WAIT' AND gone_us IS NULL
  AND capture_id = (SELECT max(capture_id) FROM kernel_samples)
GROUP BY ip, port, program, pid
ORDER BY close_waits DESC, ip, port, pid
LIMIT coalesce(:limit, 20);
