-- The life of one flow: the states of both ends
-- Each state in the order of entering, with the frame that shows it and on what
-- evidence. held_s is how long it lasted; where still_so is 1, so long at
-- least, because nothing later was seen.
--
-- Group: States
-- :flow = 1   Number of the flow, flows.id.

SELECT
  strftime('%Y-%m-%dT%H:%M:%fZ', entered_us / 1000 / 1e3, 'unixepoch') AS entered,
  (entered_us - first_us) / 1e6 AS after_s,
  endpoint, state,
  iif(state = 'CLOSED', NULL, (coalesce(left_us, observed_us) - entered_us) / 1e6) AS held_s,
  state <> 'CLOSED' AND left_us IS NULL AS still_so,
  entered_frame AS frame,
  evidence
FROM state_intervals
JOIN flows ON flows.id = flow_id
WHERE flow_id = coalesce(:flow, 1)
ORDER BY entered_us, step, endpoint;
