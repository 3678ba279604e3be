import type { Database } from 'better-sqlite3';
import { code } from '../../../../flow/format/word-table.ts';
import { ROLE_EVIDENCE } from '../../../../flow/format/words.ts';

/** Of flows that begin with a SYN. */
const SYN = code(ROLE_EVIDENCE, 'syn');

/** A host, and since when. */
export interface Since {
  ip: string;
  sinceUs: number;
}

/** How a host met new connections after a point in time. */
export interface Answers {
  /** That were opened, to it or by it. */
  opened: number;
  /** SYNs to it that were sent, or sent again, since then, and of whose answer nothing was captured. */
  unanswered: number;
}

/** What was captured so soon after may have been under way before. */
export const MARGIN_US = 1_000_000;

/** What became of the new connections of each host, in the order of the hosts. */
export function answersSince(db: Database, hosts: readonly Since[]): Answers[] {
  if (hosts.length === 0) return [];
  const rows = db
    .prepare<[object], Answers & { n: number }>(
      `WITH hosts AS MATERIALIZED (
         SELECT key AS n, value ->> 'sinceUs' AS since,
           (SELECT id FROM addresses WHERE ip = value ->> 'ip') AS address
         FROM json_each(@hosts)
       )
       SELECT n, sum(opened) AS opened, sum(unanswered) AS unanswered
       FROM (
         SELECT n, f.opened IS NOT NULL AND f.first > since + @margin AS opened,
           f.opened IS NULL AND f.server_segments = 0 AND f.role_evidence = @syn AS unanswered
         FROM flow_data AS f CROSS JOIN hosts ON f.server_address = address AND f.first + f.last > since
         UNION ALL
         SELECT n, f.opened IS NOT NULL, 0
         FROM flow_data AS f CROSS JOIN hosts ON f.client_address = address AND f.first > since + @margin
       )
       GROUP BY n`,
    )
    .all({ hosts: JSON.stringify(hosts), margin: MARGIN_US, syn: SYN });
  const byHost = new Map(rows.map(({ n, ...answers }) => [n, answers]));
  return hosts.map((_, n) => byHost.get(n) ?? { opened: 0, unanswered: 0 });
}
