import type { Database } from 'better-sqlite3';
import { code } from '../../flow/format/word-table.ts';
import {
  CLOSED_FIRST,
  type Endpoint,
  EVIDENCE,
  PROFILE_EVIDENCE,
  PROFILES,
  STATES,
  type StateName,
  TIME_WAIT_ENDS,
  TIME_WAIT_EVIDENCE,
} from '../../flow/format/words.ts';
import { enteredColumn } from '../schema/state-columns.ts';

// Where packets do not show in which state an end is, its kernel's table of sockets does, if it has the end's
// socket. That it has none proves nothing: the socket may be another host's, behind an address translation.

/** The states that the table has, in the order in which a socket passes them. */
const HELD = STATES.slice(0, code(STATES, 'UNKNOWN'));
const BY_KERNEL = code(EVIDENCE, 'kernel');

/** What the table said of an end since its state is unknown; times are microseconds after the flow's first segment. */
interface Said {
  flow: number;
  state: StateName;
  /** When the end's state became unknown. */
  unknown: number;
  firstSeen: number;
  lastSeen: number;
  gone: number | null;
  /** How long its timer was to run on. */
  timer: number | null;
}

/** The states of one end of the flows, which the sockets of a capture are linked to, are the kernel's where packets do not show them. */
export function settleUnknown(db: Database, capture: unknown, endpoint: Endpoint): void {
  const unknown = enteredColumn(endpoint, 'UNKNOWN');
  const sockets = db
    .prepare<[unknown, string], Said>(
      `SELECT f.id AS flow, state, f.${unknown} AS unknown, first_seen_us - first AS firstSeen,
         last_seen_us - first AS lastSeen, gone_us - first AS gone, timer_us AS timer
       FROM kernel_sockets AS k JOIN flow_data AS f ON f.id = k.flow_id
       WHERE k.capture_id = ? AND k.endpoint = ? AND f.${unknown} IS NOT NULL
         AND (gone_us IS NULL OR gone_us - first >= f.${unknown})
       ORDER BY k.id`,
    )
    .all(capture, endpoint);
  const pause = Number(
    db.prepare('SELECT longest_us FROM kernel_samples WHERE capture_id = ?').pluck().get(capture),
  );
  const enter = new Map(HELD.map((state) => [state, db.prepare<[object]>(entered(endpoint, state))]));
  const forget = db.prepare(forgotten(endpoint));
  const close = db.prepare(closed(endpoint));
  const wait = db.prepare(waited(endpoint));
  for (const socket of byFlow(sockets)) {
    let at = Number.NaN;
    for (const { flow, state, unknown, firstSeen, lastSeen, timer } of socket) {
      // What it was before the packet that left it unknown.
      if (lastSeen < unknown) continue;
      // The first reading after that packet shows what changed at it.
      const isFirst = Number.isNaN(at) && firstSeen - unknown <= pause;
      const since = isFirst ? unknown : Math.max(firstSeen, unknown);
      if (enter.get(state)?.run({ flow, at: since }).changes !== 1) continue;
      at = since;
      if (state !== 'TIME_WAIT') continue;
      wait.run({ flow, atLeast: lastSeen - at, expected: Math.max(0, firstSeen + (timer ?? 0) - at) });
    }
    const { flow, gone } = socket.at(-1)!;
    if (!Number.isNaN(at)) forget.run({ flow });
    if (gone !== null) close.run({ flow, gone });
  }
}

/** Those of one flow, which follow each other. */
function byFlow(sockets: readonly Said[]): Said[][] {
  const flows = new Map<number, Said[]>();
  for (const said of sockets) {
    const known = flows.get(said.flow);
    if (known === undefined) flows.set(said.flow, [said]);
    else known.push(said);
  }
  return [...flows.values()];
}

/** The kernel had the end in a state since :at; one that packets show began when they show it. */
function entered(endpoint: Endpoint, state: StateName): string {
  const column = enteredColumn(endpoint, state);
  const closedAt = enteredColumn(endpoint, 'CLOSED');
  const later = HELD.slice(code(STATES, state) + 1).map((next) => `${enteredColumn(endpoint, next)} IS NULL`);
  return `UPDATE flow_data SET
    ${endpoint}_evidence = iif(${column} IS NULL, ${withEvidence(endpoint, state)}, ${endpoint}_evidence),
    ${column} = coalesce(${column}, :at),
    ${endpoint}_state = iif(${closedAt} IS NULL, ${code(STATES, state)}, ${endpoint}_state),
    closed_first = coalesce(closed_first, ${closedFirst(endpoint, state)})
    WHERE ${['id = :flow', `coalesce(${closedAt} >= :at, 1)`, ...later].join(' AND ')}`;
}

/** Whose FIN came first, as far as a state shows it. */
function closedFirst(endpoint: Endpoint, state: StateName): number | 'NULL' {
  if (state === 'CLOSE_WAIT') return code(CLOSED_FIRST, endpoint === 'client' ? 'server' : 'client');
  // Had the peer's FIN come before its own, it would not wait for the peer.
  return state === 'FIN_WAIT_2' || state === 'TIME_WAIT' ? code(CLOSED_FIRST, endpoint) : 'NULL';
}

/** The kernel no longer had it at :gone. */
function closed(endpoint: Endpoint): string {
  const column = enteredColumn(endpoint, 'CLOSED');
  return `UPDATE flow_data SET ${endpoint}_evidence = ${withEvidence(endpoint, 'CLOSED')}, ${column} = :gone,
    ${endpoint}_state = ${code(STATES, 'CLOSED')}, observed = max(observed, :gone)
    WHERE id = :flow AND ${column} IS NULL`;
}

/** The state that it was in is known. */
function forgotten(endpoint: Endpoint): string {
  const column = enteredColumn(endpoint, 'UNKNOWN');
  return `UPDATE flow_data SET ${column} = NULL, ${column}_frame = NULL,
    ${endpoint}_evidence = ${withEvidence(endpoint, 'UNKNOWN', 0)}
    WHERE id = :flow`;
}

/** A TIME_WAIT that may have begun before: what is left of it by its timer, in place of the length that systems use. */
function waited(endpoint: Endpoint): string {
  const of = `${endpoint}_time_wait`;
  return `UPDATE flow_data SET ${of}_at_least = :atLeast, ${of}_expected = :expected, ${of}_rearmed = 0,
    ${of}_ended_by = ${code(TIME_WAIT_ENDS, 'capture-end')}, ${of}_evidence = ${code(TIME_WAIT_EVIDENCE, 'kernel')},
    ${of}_profile = ${code(PROFILES, 'linux')}, ${of}_profile_evidence = ${code(PROFILE_EVIDENCE, 'default')}
    WHERE id = :flow AND ${of}_ended_by IS NULL`;
}

/** The packed evidence with that of a state in place of what was there. */
function withEvidence(endpoint: Endpoint, state: StateName, evidence = BY_KERNEL): string {
  const shift = 4 * code(STATES, state);
  return `((${endpoint}_evidence & ~(15 << ${shift})) | (${evidence} << ${shift}))`;
}
