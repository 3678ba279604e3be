-- FINs that were sent again, by sender
-- A FIN is sent again when its acknowledgment does not come in time: it or the
-- ACK was lost, the peer is gone, or the ACK is only late. What arrived before is
-- what its receiver reports as received twice (D-SACK, RFC 2883).
--
-- Group: Closing
-- :limit = 20   Rows at most.

WITH fins AS (
  SELECT id, 'client' AS endpoint, client_address AS address, NULL AS port, client_fins AS fins
  FROM flow_data WHERE client_fins > 1
  UNION ALL
  SELECT id, 'server', server_address, server_port, server_fins
  FROM flow_data WHERE server_fins > 1
)
SELECT
  endpoint, ip, port,
  count(*) AS flows,
  sum(fins - 1) AS sent_again,
  sum((
    SELECT count(*) FROM close_segments AS s
    WHERE s.flow_id = fins.id AND s.endpoint = fins.endpoint AND s.meaning = 'spurious retransmitted FIN'
  )) AS arrived_before,
  max(fins) AS most_in_a_flow
FROM fins
JOIN addresses ON addresses.id = address
GROUP BY endpoint, address, port
ORDER BY sent_again DESC, endpoint, ip, port
LIMIT coalesce(:limit, 20);
