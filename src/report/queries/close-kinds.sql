-- How the flows closed
-- Each kind of close with its share: fin (both ends, acknowledged), fin-unacked
-- (the last ACK is missing), half (one FIN only), reset (RST without FIN),
-- fin-reset (FIN and RST), refused, unanswered, open.
--
-- Group: Closing

SELECT
  close_kind,
  flows_like_it AS flows,
  round(100.0 * flows_like_it / sum(flows_like_it) OVER (), 2) AS percent
FROM (SELECT min(id) AS id, count(*) AS flows_like_it FROM flow_data GROUP BY close_kind)
JOIN flows USING (id)
ORDER BY flows DESC, close_kind;
