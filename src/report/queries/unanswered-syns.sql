-- SYNs that nobody answered
-- A firewall that drops, a host that is gone, or a listen backlog that is full:
-- for each client and server, the flows, the SYNs they sent, how many flows got an ICMP
-- error (icmp_type, icmp_code and icmp_from_ip of flows), and when.
--
-- Group: Opening
-- :limit = 20   Rows at most.

SELECT
  client_ip, server_ip, server_port,
  count(*) AS flows,
  sum(client_segments) AS syns,
  count(icmp_us) AS icmp_errors,
  strftime('%Y-%m-%dT%H:%M:%fZ', min(first_us) / 1000 / 1e3, 'unixepoch') AS first_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', max(last_us) / 1000 / 1e3, 'unixepoch') AS last_at
FROM flows
WHERE close_kind = 'unanswered'
GROUP BY client_ip, server_ip, server_port
ORDER BY flows DESC, client_ip, server_ip, server_port
LIMIT coalesce(:limit, 20);
