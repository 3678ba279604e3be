import type { Database } from 'better-sqlite3';
import { code } from '../../../../flow/format/word-table.ts';
import { ROLE_EVIDENCE } from '../../../../flow/format/words.ts';
import { tallyServices } from '../../frame/connections.ts';
import { literal } from '../../frame/literals.ts';
import type { Context } from '../../frame/rule.ts';
import { SERVICE_KEY, SERVICE_NUMBER, type Service, serviceKey, servicesOf } from '../../frame/subjects.ts';
import { parametersOf } from '../../frame/thresholds.ts';

// Floods of SYNs: their addresses never answer the SYN-ACK, and send their SYN once, which no kernel does that waits.

const HISTORIES = "('S', 'Sh', 'Shr')";
const ANSWERED = "zeek_history <> 'S'";

/** A condition on flow_data: one SYN, the SYN-ACK if there was one, and nothing more of the client. */
export const FLOOD_STORED = `role_evidence = ${code(ROLE_EVIDENCE, 'syn')} AND client_segments = 1
    AND zeek_history IN ${HISTORIES} AND icmp IS NULL AND observed >= 1e6 * :late_opening`;
/** The same of flows. */
export const FLOOD = `role_evidence = 'syn' AND client_segments = 1 AND zeek_history IN ${HISTORIES}
    AND icmp_us IS NULL AND observed_us - first_us >= :late_us`;
/** The same, and the server answered: half of a handshake. */
export const HALF_OPENED_STORED = `${FLOOD_STORED} AND ${ANSWERED}`;

/** A service with SYNs whose handshake never went on. */
export interface Flood extends Service {
  /** SYNs, from how many addresses, and how many of them the server left without SYN-ACK. */
  syns: number;
  sources: number;
  unanswered: number;
  /** Of how many the server sent its SYN-ACK again. */
  again: number;
  /** All connections to the service of which the SYN was captured. */
  of: number;
}

const ROWS = `WITH ours AS (
  SELECT ${SERVICE_NUMBER} AS service, client_address, server_retransmissions, zeek_history, ${FLOOD_STORED} AS is_flood
  FROM flow_data
  WHERE role_evidence = ${code(ROLE_EVIDENCE, 'syn')} AND ${SERVICE_NUMBER} IN (SELECT value FROM json_each(:services))
), living AS MATERIALIZED (
  SELECT DISTINCT service, client_address FROM ours WHERE zeek_history GLOB 'Sh*[AD]*'
)
SELECT service, sum(is_flood) AS syns, count(*) AS of,
  count(DISTINCT client_address) FILTER (WHERE is_flood) AS sources,
  sum(is_flood AND zeek_history = 'S') AS unanswered,
  sum(is_flood AND server_retransmissions > 0) AS again,
  sum(is_flood AND EXISTS (SELECT 1 FROM living AS l
    WHERE l.service = ours.service AND l.client_address = ours.client_address)) AS of_living,
  sum(zeek_history GLOB 'ShA*' OR zeek_history GLOB 'ShD*') AS complete
FROM ours GROUP BY service`;

type Row = Omit<Flood, keyof Service> & { service: number; of_living: number; complete: number };

/** The services that are flooded: most SYNs are of addresses that answer nothing, though ACKs of clients are captured. */
export function floods(db: Database, { thresholds }: Context): Flood[] {
  const least = thresholds['flood-count'];
  const values = parametersOf(thresholds);
  const [tally] = tallyServices(db, [HALF_OPENED_STORED], values);
  const numbers = [...tally!].filter(([, n]) => n >= least).map(([number]) => number);
  if (numbers.length === 0) return [];
  const hasAcks =
    db.prepare("SELECT 1 FROM flow_data WHERE zeek_history GLOB 'ShA*' LIMIT 1").get() !== undefined;
  const rows = db
    .prepare<[object], Row>(ROWS)
    .all({ ...values, services: JSON.stringify(numbers) })
    .filter((row) => isFlood(row, hasAcks));
  const services = servicesOf(
    db,
    rows.map(({ service }) => service),
  );
  return rows.map(({ service: _, of_living: __, complete: ___, ...flood }, i) => ({
    ...services[i]!,
    ...flood,
  }));
}

/** Where no ACK of a client is captured, an unfinished handshake says nothing, unless the server waits for it as well. */
function isFlood({ syns, of, sources, again, of_living, complete }: Row, hasAcks: boolean): boolean {
  if (2 * syns < of || 2 * of_living > syns) return false;
  return complete > 0 || 5 * again >= syns || (hasAcks && sources >= 0.8 * syns);
}

/** The end of a WHERE on flows that leaves out the SYNs of floods, if there are any. */
export function notOfFloods({ once }: Context): string {
  const flooded = once(floods);
  if (flooded.length === 0) return '';
  return `\n  AND NOT (client_segments = 1 AND ${SERVICE_KEY} IN (${flooded.map((one) => literal(serviceKey(one))).join(', ')}))`;
}
