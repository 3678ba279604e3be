import type { Database } from 'better-sqlite3';
import { FLOOD } from '../../family/openings/floods.ts';
import { openingValues, UNANSWERED } from '../../family/openings/openings.ts';
import type { Context } from '../../frame/rule.ts';
import type { Service } from '../../frame/subjects.ts';

/** What connections that are no part of a flood came to while it lasted. */
export interface Others {
  atOnce: number;
  late: number;
  unanswered: number;
  /** The longest that one took to open; NULL if none did. */
  slowest_us: number | null;
}

/** The other connections to a service whose SYN came at a time. */
export function othersDuring(
  db: Database,
  { server_ip, server_port }: Service,
  sinceUs: number,
  untilUs: number,
  context: Context,
): Others {
  return db
    .prepare<[object], Others>(
      `SELECT coalesce(sum(opened_us - first_us < :late_us), 0) AS atOnce,
         coalesce(sum(opened_us - first_us >= :late_us), 0) AS late,
         coalesce(sum(${UNANSWERED}), 0) AS unanswered, max(opened_us - first_us) AS slowest_us
       FROM flows
       WHERE server_ip = :server_ip AND server_port = :server_port AND first_us BETWEEN :since AND :until
         AND role_evidence = 'syn' AND NOT (${FLOOD})`,
    )
    .get({ ...openingValues(context), server_ip, server_port, since: sinceUs, until: untilUs })!;
}
