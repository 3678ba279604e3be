import type { Database } from 'better-sqlite3';
import { code } from '../../flow/format/word-table.ts';
import {
  ENDPOINTS,
  type Endpoint,
  EVIDENCE,
  STATES,
  TIME_WAIT_ENDS,
  TIME_WAIT_EVIDENCE,
} from '../../flow/format/words.ts';
import { enteredColumn } from '../schema/state-columns.ts';
import { KernelLinks, type LinkedSocket } from './kernel-links.ts';
import { settleUnknown } from './kernel-unknown.ts';

// A capture does not see a TIME_WAIT end; the kernel's table does, as exactly as it was read. What
// packets prove stays; what rests only on the profile or the end of the capture gives way. So does UNKNOWN.

const CLOSED = code(STATES, 'CLOSED');
const CLOSED_SHIFT = 4 * CLOSED;
const GIVES_WAY = ['expired', 'capture-end', 'evicted'] as const;
const BY_KERNEL = code(TIME_WAIT_EVIDENCE, 'kernel');

/** The last capture of a finished database has ended: its sockets get their flows, and its TIME_WAITs their measured ends. */
export function settleKernel(db: Database): void {
  const capture = db
    .prepare('SELECT capture_id FROM kernel_samples WHERE capture_id = (SELECT max(id) FROM captures)')
    .pluck()
    .get();
  if (capture === undefined) return;
  const links = new KernelLinks(db, 'flow_data');
  const unlinked = db.prepare<[unknown], LinkedSocket>(
    `SELECT id, ip, port, peer_ip AS peerIp, peer_port AS peerPort, first_seen_us AS firstSeen, last_seen_us AS lastSeen, gone_us AS gone
     FROM kernel_sockets WHERE capture_id = ? AND flow_id IS NULL`,
  );
  for (const socket of unlinked.all(capture)) links.link(socket, true);
  links.end();
  for (const endpoint of ENDPOINTS) {
    settleUnknown(db, capture, endpoint);
    settleTimeWaits(db, capture, endpoint);
  }
}

interface Watched {
  flow: number;
  lastSeen: number;
  gone: number | null;
}

/** The latest first: where a flow has two, the later one is its end. */
function settleTimeWaits(db: Database, capture: unknown, endpoint: Endpoint): void {
  const watched = db
    .prepare<[unknown, string], Watched>(
      `SELECT flow_id AS flow, last_seen_us AS lastSeen, gone_us AS gone FROM kernel_sockets
       WHERE capture_id = ? AND state = 'TIME_WAIT' AND endpoint = ? ORDER BY last_seen_us DESC`,
    )
    .all(capture, endpoint);
  const endIt = db.prepare(ended(endpoint));
  const keepIt = db.prepare(standing(endpoint));
  for (const wait of watched) (wait.gone === null ? keepIt : endIt).run(wait);
}

/** The kernel no longer had it at :gone: it was CLOSED by then, and watched until then. */
function ended(endpoint: Endpoint): string {
  const [wait, entered, closed, evidence] = columns(endpoint);
  const evidenceCode = code(EVIDENCE, 'kernel') * 2 ** CLOSED_SHIFT;
  return `UPDATE flow_data SET
    ${wait}_at_least = max(0, :lastSeen - first - ${entered}), ${wait}_at_most = :gone - first - ${entered},
    ${wait}_ended_by = ${code(TIME_WAIT_ENDS, 'kernel')}, ${wait}_evidence = ${BY_KERNEL},
    ${closed} = :gone - first, ${closed}_frame = NULL, ${endpoint}_state = ${CLOSED},
    ${evidence} = ${without(evidence)} | ${evidenceCode}, observed = max(observed, :gone - first)
    WHERE id = :flow AND ${wait}_ended_by IN (${GIVES_WAY.map((end) => code(TIME_WAIT_ENDS, end))}) AND :gone - first >= ${entered}`;
}

/** The kernel still had it at :lastSeen, when by the profile it was over. */
function standing(endpoint: Endpoint): string {
  const [wait, entered, closed, evidence] = columns(endpoint);
  return `UPDATE flow_data SET
    ${wait}_at_least = :lastSeen - first - ${entered}, ${wait}_at_most = NULL,
    ${wait}_ended_by = ${code(TIME_WAIT_ENDS, 'capture-end')}, ${wait}_evidence = ${BY_KERNEL},
    ${closed} = NULL, ${closed}_frame = NULL, ${endpoint}_state = ${code(STATES, 'TIME_WAIT')},
    ${evidence} = ${without(evidence)}, observed = max(observed, :lastSeen - first)
    WHERE id = :flow AND ${wait}_ended_by = ${code(TIME_WAIT_ENDS, 'expired')} AND :lastSeen - first > ${closed}`;
}

function columns(endpoint: Endpoint): [wait: string, entered: string, closed: string, evidence: string] {
  const entered = (state: 'TIME_WAIT' | 'CLOSED') => enteredColumn(endpoint, state);
  return [`${endpoint}_time_wait`, entered('TIME_WAIT'), entered('CLOSED'), `${endpoint}_evidence`];
}

/** The packed evidence without that of CLOSED, the last of them. */
function without(evidence: string): string {
  return `(${evidence} & ${2 ** CLOSED_SHIFT - 1})`;
}
