-- Frames that were skipped, by reason
-- What finwait could not or need not read, of each capture file: such as not-ip
-- (ARP), not-tcp, truncated-header (cut by the snap length).
--
-- Group: Captures

SELECT
  captures.id AS capture, captures.path,
  reason.key AS reason,
  reason.value AS frames,
  round(100.0 * reason.value / captures.frames, 2) AS percent
FROM captures, json_each(skipped) AS reason
ORDER BY captures.id, frames DESC, reason;
