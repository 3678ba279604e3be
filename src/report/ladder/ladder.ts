import type { Database } from 'better-sqlite3';
import type {
  CLOSE_KINDS,
  CLOSED_FIRST,
  Endpoint,
  EVIDENCE,
  MEANINGS,
  PROFILE_EVIDENCE,
  PROFILES,
  RESET_EVIDENCE,
  RESET_KINDS,
  ROLE_EVIDENCE,
  StateName,
  TIME_WAIT_ENDS,
  TIME_WAIT_EVIDENCE,
} from '../../flow/format/words.ts';

// What the database knows of one flow, as the views have it; names and units are those of `.schema`.

type Word<List extends readonly string[]> = List[number];

/** A row of `flows`; more columns than these are in it. */
export interface LadderFlow {
  id: number;
  capture_id: number;
  client_ip: string;
  client_port: number;
  server_ip: string;
  server_port: number;
  role_evidence: Word<typeof ROLE_EVIDENCE>;
  first_us: number;
  last_us: number;
  observed_us: number;
  close_kind: Word<typeof CLOSE_KINDS>;
  closed_first: Word<typeof CLOSED_FIRST> | null;
  close_started_us: number | null;
  reset_by: Endpoint | null;
  reset_kind: Word<typeof RESET_KINDS> | null;
  reset_evidence: Word<typeof RESET_EVIDENCE> | null;
  idle_before_close_us: number | null;
  late_data_us: number | null;
  late_data_is_alert: 0 | 1 | null;
  client_fin_us: number | null;
  server_fin_us: number | null;
  client_fins: number;
  server_fins: number;
  client_rsts: number;
  server_rsts: number;
  client_bytes: number;
  server_bytes: number;
  client_segments: number;
  server_segments: number;
  client_retransmissions: number;
  server_retransmissions: number;
  evicted: 0 | 1;
  icmp_type: number | null;
  icmp_code: number | null;
  icmp_from_ip: string | null;
  client_translated_ip: string | null;
  client_translated_port: number | null;
  server_translated_ip: string | null;
  server_translated_port: number | null;
}

/** A row of `state_intervals`. */
export interface LadderState {
  endpoint: Endpoint;
  state: StateName;
  entered_us: number;
  left_us: number | null;
  entered_frame: number | null;
  entered_capture_id: number | null;
  evidence: Word<typeof EVIDENCE>;
  step: number;
}

/** A row of `close_segments`. */
export interface LadderSegment {
  n: number;
  at_us: number;
  capture_id: number;
  frame: number;
  endpoint: Endpoint;
  flags: string;
  seq: number | null;
  ack: number | null;
  len: number;
  meaning: Word<typeof MEANINGS>;
}

/** A row of `time_waits`. */
export interface LadderTimeWait {
  endpoint: Endpoint;
  at_least_us: number;
  at_most_us: number | null;
  expected_us: number;
  ended_by: Word<typeof TIME_WAIT_ENDS>;
  evidence: Word<typeof TIME_WAIT_EVIDENCE>;
  profile: Word<typeof PROFILES>;
  profile_evidence: Word<typeof PROFILE_EVIDENCE>;
  rearmed: number;
}

/** All that a ladder is drawn from. */
export interface Ladder {
  flow: LadderFlow;
  /** In the order of entering. */
  states: LadderState[];
  /** In the order of capture. */
  segments: LadderSegment[];
  timeWaits: LadderTimeWait[];
  /** Paths of the captures, by id. */
  paths: ReadonlyMap<number, string>;
}

/** Reads a row of `flows`; undefined if there is none of that number. */
export function readFlow(db: Database, id: number): LadderFlow | undefined {
  return db.prepare<[number], LadderFlow>('SELECT * FROM flows WHERE id = ?').get(id);
}

/** Reads one flow with all that belongs to it; undefined if there is none of that number. */
export function readLadder(db: Database, id: number): Ladder | undefined {
  const flow = readFlow(db, id);
  if (flow === undefined) return undefined;
  return {
    flow,
    states: db
      .prepare<[number], LadderState>(
        'SELECT * FROM state_intervals WHERE flow_id = ? ORDER BY entered_us, step, endpoint',
      )
      .all(id),
    segments: db
      .prepare<[number], LadderSegment>('SELECT * FROM close_segments WHERE flow_id = ? ORDER BY n')
      .all(id),
    timeWaits: db.prepare<[number], LadderTimeWait>('SELECT * FROM time_waits WHERE flow_id = ?').all(id),
    paths: new Map(db.prepare<[], [number, string]>('SELECT id, path FROM captures').raw().all()),
  };
}

/** Reads flows one after the other, as they are asked for; numbers that no flow has are skipped. */
export function* readLadders(db: Database, ids: Iterable<number>): Generator<Ladder> {
  for (const id of ids) {
    const ladder = readLadder(db, id);
    if (ladder !== undefined) yield ladder;
  }
}
