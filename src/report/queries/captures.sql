-- What each capture file held
-- Frames, TCP segments, the share of frames that were skipped, when the
-- file begins and ends, how many flows begin in it, and what is wrong with it.
--
-- Group: Captures

SELECT
  captures.id AS capture, path, format, frames, tcp_segments,
  (SELECT coalesce(sum(value), 0) FROM json_each(skipped)) AS passed_over,
  coalesce(flows, 0) AS flows,
  strftime('%Y-%m-%dT%H:%M:%fZ', first_us / 1000 / 1e3, 'unixepoch') AS first_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', last_us / 1000 / 1e3, 'unixepoch') AS last_at,
  (last_us - first_us) / 1e6 AS length_s,
  damage
FROM captures
LEFT JOIN (SELECT capture_id, count(*) AS flows FROM flow_data GROUP BY capture_id)
  ON capture_id = captures.id
ORDER BY captures.id;
