-- FINs that had to be sent again, by sender
-- A FIN is sent again when its acknowledgment does not come: it or the ACK was
-- lost, or the peer is gone.
--
-- Group: Closing
-- :limit = 20   Rows at most.

WITH fins AS (
  SELECT 'client' AS endpoint, client_address AS address, NULL AS port, client_fins AS fins
  FROM flow_data WHERE client_fins > 1
  UNION ALL
  SELECT 'server', server_address, server_port, server_fins
  FROM flow_data WHERE server_fins > 1
)
SELECT
  endpoint, ip, port,
  count(*) AS flows,
  sum(fins - 1) AS sent_again,
  max(fins) AS most_in_a_flow
FROM fins
JOIN addresses ON addresses.id = address
GROUP BY endpoint, address, port
ORDER BY sent_again DESC, endpoint, ip, port
LIMIT coalesce(:limit, 20);
