-- Who aborts with RST, and what kind of abort it is
-- For each server: the end whose RST ended the flow, what the RST most likely
-- was (a hypothesis), and what speaks for that.
--
-- Group: RST
-- :limit = 20   Rows at most.

-- One flow of each group has the words; numbers group faster than words.
SELECT reset_by, reset_kind, reset_evidence, server_ip, server_port, flows
FROM (
  SELECT min(id) AS id, count(*) AS flows
  FROM flow_data
  WHERE reset_by IS NOT NULL
  GROUP BY reset_by, reset_kind, reset_evidence, server_address, server_port
)
JOIN flows USING (id)
ORDER BY flows DESC, reset_by, reset_kind, server_ip, server_port, reset_evidence
LIMIT coalesce(:limit, 20);
