-- How long TIME_WAITs lasted, and on what evidence
-- No packet shows a TIME_WAIT run out. at_least is what is proven, at_most when
-- it was over for certain; expected is the length that the profile gives. What
-- ended it, and on what evidence, is in ended_by and evidence; capture-end
-- means that the capture ended first.
--
-- Group: TIME_WAIT

SELECT
  endpoint, ended_by, evidence, profile,
  count(*) AS time_waits,
  min(at_least_us) / 1e6 AS shortest_at_least_s,
  max(at_least_us) / 1e6 AS longest_at_least_s,
  max(at_most_us) / 1e6 AS longest_at_most_s,
  max(expected_us) / 1e6 AS expected_s,
  sum(rearmed) AS rearmed
FROM time_waits
GROUP BY endpoint, ended_by, evidence, profile
ORDER BY time_waits DESC, endpoint, ended_by, evidence, profile;
