-- The segments of one flow that mattered
-- The SYN, FIN and RST segments and the ACKs that matter, with sequence numbers
-- relative to each end's first, and what each meant.
--
-- Group: States
-- :flow = 1   Number of the flow, flows.id.

SELECT
  strftime('%Y-%m-%dT%H:%M:%fZ', at_us / 1000 / 1e3, 'unixepoch') AS at,
  (at_us - first_us) / 1e6 AS after_s,
  frame, endpoint AS sender, flags, seq, ack, len, meaning
FROM close_segments
JOIN flows ON flows.id = flow_id
WHERE flow_id = coalesce(:flow, 1)
ORDER BY n;
