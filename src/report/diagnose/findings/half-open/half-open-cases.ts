import type { Cases } from '../../frame/cases.ts';
import { CLIENTS, SERVICE } from '../../frame/subjects.ts';

export const BY = ['reset_by', ...SERVICE];

/**
 * RSTs of ends that have no socket any more, to a peer whose connection is still open: it was opened and
 * more than the handshake had come from that end, or it was open before the capture began. Not RSTs that nothing came
 * before (idle-middlebox), nor those of untranslated segments.
 */
export const CASES: Cases = {
  sql: `SELECT f.id AS flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
  r.at_us AS since_us, r.at_us AS until_us, f.first_us, f.reset_by, f.reset_evidence,
  f.opened_us IS NULL AS is_older,
  CASE f.reset_by WHEN 'client' THEN iif(f.client_segments = f.client_rsts, f.client_ttl, NULL)
    ELSE iif(f.server_segments = f.server_rsts, f.server_ttl, NULL) END AS rst_ttl,
  r.frame
FROM flows AS f
JOIN close_segments AS r ON r.flow_id = f.id AND r.n = (
  SELECT min(n) FROM close_segments AS b
  WHERE b.flow_id = f.id AND b.meaning = 'RST' AND b.endpoint = f.reset_by)
WHERE f.reset_evidence IN ('no-socket', 'after-silence') AND r.flags = 'RST'
  AND (f.close_kind = 'reset' OR f.close_kind = 'fin-reset' AND f.closed_first <> f.reset_by)
  AND iif(f.reset_by = 'client', f.server_bytes, f.client_bytes) > 0
  AND (f.opened_us IS NULL AND f.role_evidence NOT IN ('syn', 'syn-ack') OR f.opened_us IS NOT NULL
    AND iif(f.reset_by = 'client', f.client_segments - f.client_rsts, f.server_segments - f.server_rsts) > 1)
  AND (f.reset_evidence = 'no-socket' AND f.opened_us IS NOT NULL
    OR f.server_ip || ' ' || f.server_port NOT IN (SELECT value FROM json_each(:middlebox)))
  AND NOT EXISTS (SELECT 1 FROM close_segments AS s
    WHERE s.flow_id = f.id AND s.n = r.n - 1 AND s.meaning = 'before a long silence')
  AND f.id NOT IN (SELECT value FROM json_each(:untranslated))`,
  by: BY,
  measures: {
    ...CLIENTS,
    after_silence: "sum(reset_evidence = 'after-silence')",
    older: 'sum(is_older)',
    last_begun_us: 'max(iif(is_older, NULL, first_us))',
    rst_ttl: "commonest(coalesce(rst_ttl, ''))",
  },
  having: 'count >= :several',
  marks: [
    'SYN',
    'first segment',
    'before a long silence',
    'after a long silence',
    'unacknowledged data after a long silence',
    'FIN',
    'RST',
  ],
};
