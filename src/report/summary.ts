import type Database from 'better-sqlite3';
import { CLOSE_KINDS, CLOSED_FIRST, ENDPOINTS, PROFILE_EVIDENCE, PROFILES, STATES } from '../flow/words.ts';

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
  // Numbers group faster than the words of the view.
  const groups = db
    .prepare<[], FlowGroup>(
      `SELECT close_kind AS closeKind, closed_first AS closedFirst, client_state AS clientState,
         server_state AS serverState, evicted, count(*) AS count
       FROM flow_data GROUP BY close_kind, closed_first, client_state, server_state, evicted`,
    )
    .all();
  const sum = (of: (group: FlowGroup) => boolean) =>
    groups.reduce((total, group) => total + (of(group) ? group.count : 0), 0);
  const atEnd = (group: FlowGroup) => !group.evicted;
  return {
    captures: readCaptures(db),
    flows: sum(() => true),
    evicted: sum((group) => !atEnd(group)),
    closeKinds: counts(CLOSE_KINDS, (code) => sum((group) => group.closeKind === code)),
    closedFirst: counts(CLOSED_FIRST, (code) => sum((group) => group.closedFirst === code)),
    states: STATES.map((state, code) => ({
      state,
      client: sum((group) => atEnd(group) && group.clientState === code),
      server: sum((group) => atEnd(group) && group.serverState === code),
    })).filter(({ client, server }) => client + server > 0),
    timeWaits: readStanding(db, 'time_waits'),
    profiles: readProfiles(db),
    closeWaits: readStanding(db, 'close_waits'),
    endedCloseWaits: readEndedCloseWaits(db),
  };
}

interface FlowGroup {
  closeKind: number | null;
  closedFirst: number | null;
  clientState: number | null;
  serverState: number | null;
  evicted: number;
  count: number;
}

function counts(words: readonly string[], of: (code: number) => number): Counts {
  return words.map((word, code) => ({ word, count: of(code) })).filter(({ count }) => count > 0);
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

/** The median is the middle one, the lower of two; it is looked for where it is shown. */
function readStanding(db: Database.Database, view: 'time_waits' | 'close_waits'): Standing {
  const standing = `
    SELECT endpoint, ip, iif(endpoint = 'server', port, NULL) AS port, at_least_us
    FROM ${view} WHERE ended_by = 'capture-end'`;
  const all = db
    .prepare<[], Omit<Holder, 'medianUs'>>(
      `SELECT endpoint, ip, port, count(*) AS count, max(at_least_us) AS longestUs
       FROM (${standing}) GROUP BY endpoint, ip, port ORDER BY count DESC, longestUs DESC, ip, port`,
    )
    .all();
  const middle = db
    .prepare<[string, string, number | null, number], number>(
      `SELECT at_least_us FROM (${standing}) WHERE endpoint = ? AND ip = ? AND port IS ?
       ORDER BY at_least_us LIMIT 1 OFFSET ?`,
    )
    .pluck();
  const medianUs = ({ endpoint, ip, port, count }: Omit<Holder, 'medianUs'>) =>
    middle.get(endpoint, ip, port, Math.floor((count - 1) / 2))!;
  return {
    count: all.reduce((total, holder) => total + holder.count, 0),
    longestUs: all.reduce((longest, holder) => Math.max(longest, holder.longestUs), 0),
    holders: all.length,
    top: all.slice(0, TOP).map((holder) => ({ ...holder, medianUs: medianUs(holder) })),
  };
}

function readProfiles(db: Database.Database): Summary['profiles'] {
  // A TIME_WAIT that was started anew is expected to last longer than its profile says.
  const of = (end: string) => `
    SELECT ${end}_time_wait_profile AS profile, ${end}_time_wait_profile_evidence AS evidence,
      min(${end}_time_wait_expected) AS lengthUs, count(*) AS count
    FROM flow_data WHERE ${end}_time_wait_profile IS NOT NULL GROUP BY 1, 2`;
  return db
    .prepare<[], { profile: number; evidence: number; lengthUs: number }>(
      `SELECT profile, evidence, min(lengthUs) AS lengthUs
       FROM (${ENDPOINTS.map(of).join(' UNION ALL ')}) GROUP BY 1, 2 ORDER BY sum(count) DESC`,
    )
    .all()
    .map(({ profile, evidence, lengthUs }) => ({
      profile: PROFILES[profile]!,
      evidence: PROFILE_EVIDENCE[evidence]!,
      lengthUs,
    }));
}

function readEndedCloseWaits(db: Database.Database): Durations {
  const ended = 'FROM close_waits WHERE at_most_us IS NOT NULL';
  const { count, longestUs } = db
    .prepare<[], Omit<Durations, 'medianUs'>>(
      `SELECT count(*) AS count, coalesce(max(at_most_us), 0) AS longestUs ${ended}`,
    )
    .get()!;
  const middle = db
    .prepare<[number], number>(`SELECT at_most_us ${ended} ORDER BY at_most_us LIMIT 1 OFFSET ?`)
    .pluck();
  return { count, longestUs, medianUs: count === 0 ? 0 : middle.get(Math.floor((count - 1) / 2))! };
}
