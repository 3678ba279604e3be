import type Database from 'better-sqlite3';
import { CLOSE_KINDS, CLOSED_FIRST, STATES } from '../flow/words.ts';

/** What the captures of a database were, and what was passed over in them. */
export interface CaptureFacts {
  path: string;
  frames: number;
  tcpSegments: number;
  firstUs: number | null;
  lastUs: number | null;
  /** Frames passed over, by reason. */
  skipped: Record<string, number>;
  damage: string | null;
  damageOffset: number | null;
}

/** Waits that stand at the capture's end, of one holder: a client's address or a server's address and port. */
export interface Holder {
  endpoint: 'client' | 'server';
  ip: string;
  /** Of a server; NULL for clients, whose ports differ. */
  port: number | null;
  count: number;
  longestUs: number;
  medianUs: number;
}

/** All that stand in one state at the end: the largest holders, and how many there are. */
export interface Standing {
  count: number;
  longestUs: number;
  holders: number;
  top: Holder[];
}

/** CLOSE_WAITs that were seen to end. */
export interface Durations {
  count: number;
  medianUs: number;
  longestUs: number;
}

/** A count by word, in the words' order, zeros left out. */
export type Counts = { word: string; count: number }[];

/** What a database says at a glance. */
export interface Summary {
  captures: CaptureFacts[];
  flows: number;
  evicted: number;
  closeKinds: Counts;
  closedFirst: Counts;
  /** Flows whose ends were in each state when the capture ended, in the states' order. */
  states: { state: string; client: number; server: number }[];
  timeWaits: Standing;
  /** The lengths that TIME_WAITs are expected to have, the most frequent first. */
  profiles: { profile: string; evidence: string; lengthUs: number }[];
  closeWaits: Standing;
  endedCloseWaits: Durations;
}

/** Holders named one by one. */
const TOP = 5;

/** Reads the summary from a database of ours. */
export function readSummary(db: Database.Database): Summary {
  const groups = db
    .prepare<[], FlowGroup>(
      `SELECT close_kind AS closeKind, closed_first AS closedFirst, client_state AS clientState,
         server_state AS serverState, evicted, count(*) AS count
       FROM flows GROUP BY close_kind, closed_first, client_state, server_state, evicted`,
    )
    .all();
  const sum = (of: (group: FlowGroup) => boolean) =>
    groups.reduce((total, group) => total + (of(group) ? group.count : 0), 0);
  const atEnd = (group: FlowGroup) => !group.evicted;
  return {
    captures: readCaptures(db),
    flows: sum(() => true),
    evicted: sum((group) => !atEnd(group)),
    closeKinds: counts(CLOSE_KINDS, (word) => sum((group) => group.closeKind === word)),
    closedFirst: counts(CLOSED_FIRST, (word) => sum((group) => group.closedFirst === word)),
    states: STATES.map((state) => ({
      state,
      client: sum((group) => atEnd(group) && group.clientState === state),
      server: sum((group) => atEnd(group) && group.serverState === state),
    })).filter(({ client, server }) => client + server > 0),
    timeWaits: readStanding(db, 'time_waits'),
    profiles: readProfiles(db),
    closeWaits: readStanding(db, 'close_waits'),
    endedCloseWaits: readEndedCloseWaits(db),
  };
}

interface FlowGroup {
  closeKind: string | null;
  closedFirst: string | null;
  clientState: string | null;
  serverState: string | null;
  evicted: number;
  count: number;
}

function counts(words: readonly string[], of: (word: string) => number): Counts {
  return words.map((word) => ({ word, count: of(word) })).filter(({ count }) => count > 0);
}

function readCaptures(db: Database.Database): CaptureFacts[] {
  type Row = Omit<CaptureFacts, 'skipped'> & { skipped: string };
  return db
    .prepare<[], Row>(
      `SELECT path, frames, tcp_segments AS tcpSegments, first_us AS firstUs, last_us AS lastUs, skipped, damage,
         damage_offset AS damageOffset FROM captures ORDER BY id`,
    )
    .all()
    .map((row) => ({ ...row, skipped: JSON.parse(row.skipped) as Record<string, number> }));
}

/** The median is the middle one, the lower of two. */
function readStanding(db: Database.Database, view: 'time_waits' | 'close_waits'): Standing {
  const holders = `
    WITH standing AS (
      SELECT endpoint, ip, iif(endpoint = 'server', port, NULL) AS port, at_least_us
      FROM ${view} WHERE ended_by = 'capture-end'
    ), ranked AS (
      SELECT *, row_number() OVER holder AS n, count(*) OVER (PARTITION BY endpoint, ip, port) AS count
      FROM standing WINDOW holder AS (PARTITION BY endpoint, ip, port ORDER BY at_least_us)
    )
    SELECT endpoint, ip, port, count, max(at_least_us) AS longestUs,
      max(iif(n = (count + 1) / 2, at_least_us, NULL)) AS medianUs
    FROM ranked GROUP BY endpoint, ip, port ORDER BY count DESC, longestUs DESC, ip, port`;
  const all = db.prepare<[], Holder>(holders).all();
  return {
    count: all.reduce((total, holder) => total + holder.count, 0),
    longestUs: all.reduce((longest, holder) => Math.max(longest, holder.longestUs), 0),
    holders: all.length,
    top: all.slice(0, TOP),
  };
}

function readProfiles(db: Database.Database): Summary['profiles'] {
  // A TIME_WAIT that was started anew is expected to last longer than its profile says.
  const sql = `
    SELECT profile, profile_evidence AS evidence, min(expected_us) AS lengthUs
    FROM time_waits GROUP BY profile, profile_evidence ORDER BY count(*) DESC`;
  return db.prepare<[], Summary['profiles'][number]>(sql).all();
}

function readEndedCloseWaits(db: Database.Database): Durations {
  const sql = `
    WITH ended AS (
      SELECT at_most_us AS us, row_number() OVER (ORDER BY at_most_us) AS n, count(*) OVER () AS count
      FROM close_waits WHERE at_most_us IS NOT NULL
    )
    SELECT count(*) AS count, coalesce(max(us), 0) AS longestUs,
      coalesce(max(iif(n = (count + 1) / 2, us, NULL)), 0) AS medianUs FROM ended`;
  return db.prepare<[], Durations>(sql).get()!;
}
