import type { Database } from 'better-sqlite3';
import {
  CLIENT,
  CLOSE_KINDS,
  CLOSED_FIRST,
  ENDPOINTS,
  PROFILE_EVIDENCE,
  PROFILES,
  SERVER,
  STATES,
  type StateName,
} from '../../flow/format/words.ts';
import { enteredColumn } from '../../record/schema/state-columns.ts';
import { type FlowNumbers, type FlowPart, scanFlows } from './flow-scan.ts';
import type { CaptureGaps } from './holes-text.ts';
import { percentile } from './samples.ts';
import { type Standing, Waits } from './waits.ts';
import { WordCounter, type WordCounts } from './word-counts.ts';

/** What the captures of a database were, and what was skipped in them. */
export interface CaptureFacts extends CaptureGaps {
  frames: number;
  tcpSegments: number;
  linkTypes: number[];
  /** Frames skipped, by reason. */
  skipped: Record<string, number>;
  damage: string | null;
  damageOffset: number | null;
}

/** CLOSE_WAITs that were seen to end. */
export interface Durations {
  count: number;
  medianUs: number;
  longestUs: number;
}

/** A database at a glance. */
export interface Summary {
  captures: CaptureFacts[];
  flows: number;
  evicted: number;
  /** Flows that were captured on both sides of a NAT. */
  translated: number;
  closeKinds: WordCounts<(typeof CLOSE_KINDS)[number]>;
  closedFirst: WordCounts<(typeof CLOSED_FIRST)[number]>;
  /** Flows that closed, of which the capture does not show who closed first. */
  closedFirstUnknown: number;
  /** Open flows whose SYN was answered, and the answer not acknowledged. */
  halfOpen: number;
  /** Flows that an ICMP error is about. */
  icmpFlows: number;
  /** Flows whose ends were in each state when the capture ended, in the states' order. */
  states: { state: StateName; client: number; server: number }[];
  timeWaits: Standing;
  /** The lengths that TIME_WAITs are expected to have, the most frequent first. */
  profiles: {
    profile: (typeof PROFILES)[number];
    evidence: (typeof PROFILE_EVIDENCE)[number];
    lengthUs: number;
  }[];
  closeWaits: Standing;
  endedCloseWaits: Durations;
}

/** Holders named one by one. */
const TOP = 5;

/** Reads the summary from a finwait database. */
export function readSummary(db: Database, top = TOP): Summary {
  const tally = new SummaryTally();
  scanFlows(db, tally.parts);
  return tally.summary(db, top);
}

/** What the summary needs of the flows, and the summary once `scanFlows` has shown them to its parts. */
export class SummaryTally {
  readonly timeWaits = new Waits('TIME_WAIT');
  readonly closeWaits = new Waits('CLOSE_WAIT');
  readonly #closes = new CloseCounts();
  readonly #profiles = new ProfileCounts();
  readonly parts: readonly FlowPart[] = [this.#closes, this.timeWaits, this.#profiles, this.closeWaits];

  summary(db: Database, top: number): Summary {
    const { flows, evicted, translated, closeKinds, closedFirst, states } = this.#closes;
    const { closedFirstUnknown, halfOpen, icmpFlows } = this.#closes;
    return {
      captures: readCaptures(db),
      flows,
      evicted,
      translated,
      closeKinds: closeKinds.counts(),
      closedFirst: closedFirst.counts(),
      closedFirstUnknown,
      halfOpen,
      icmpFlows,
      states: STATES.map((state, code) => ({
        state,
        client: states[CLIENT]!.of(code),
        server: states[SERVER]!.of(code),
      })).filter(({ client, server }) => client + server > 0),
      timeWaits: this.timeWaits.standing(db, top),
      profiles: this.#profiles.result(),
      closeWaits: this.closeWaits.standing(db, top),
      endedCloseWaits: durations(this.closeWaits.ended.sorted()),
    };
  }
}

const OPEN = CLOSE_KINDS.indexOf('open');
const UNANSWERED = CLOSE_KINDS.indexOf('unanswered');

/** Flows by close kind, by who closed first, and ends by their state when the capture ended. */
class CloseCounts implements FlowPart {
  readonly columns = [
    'evicted',
    'close_kind',
    'closed_first',
    'client_state',
    'server_state',
    `${enteredColumn('server', 'SYN_RECEIVED')} IS NOT NULL AND ${enteredColumn('server', 'ESTABLISHED')} IS NULL`,
    'icmp',
    'coalesce(client_translated_port, server_translated_port)',
  ];
  flows = 0;
  evicted = 0;
  translated = 0;
  closedFirstUnknown = 0;
  halfOpen = 0;
  icmpFlows = 0;
  readonly closeKinds = new WordCounter(CLOSE_KINDS);
  readonly closedFirst = new WordCounter(CLOSED_FIRST);
  readonly states = ENDPOINTS.map(() => new WordCounter(STATES));

  add(values: FlowNumbers, at: number): void {
    this.flows++;
    this.closeKinds.add(values[at + 1]!);
    this.closedFirst.add(values[at + 2]!);
    const kind = values[at + 1]!;
    if (values[at + 2] === null && kind !== OPEN && kind !== UNANSWERED) this.closedFirstUnknown++;
    if (kind === OPEN && values[at + 5] === 1) this.halfOpen++;
    if (values[at + 6] !== null) this.icmpFlows++;
    if (values[at + 7] !== null) this.translated++;
    if (values[at] === 0) {
      this.states[CLIENT]!.add(values[at + 3]!);
      this.states[SERVER]!.add(values[at + 4]!);
    } else {
      this.evicted++;
    }
  }
}

/** TIME_WAITs by the profile whose length is expected, and why. */
class ProfileCounts implements FlowPart {
  readonly columns = ENDPOINTS.flatMap((end) => [
    `${end}_time_wait_profile * ${PROFILE_EVIDENCE.length} + ${end}_time_wait_profile_evidence`,
    `${end}_time_wait_expected`,
  ]);
  /** By profile and evidence; a TIME_WAIT that was re-armed is expected to last longer than its profile says. */
  readonly #counts = new Array<number>(PROFILES.length * PROFILE_EVIDENCE.length).fill(0);
  readonly #lengths = this.#counts.map(() => Number.POSITIVE_INFINITY);

  add(values: FlowNumbers, at: number): void {
    this.#expected(values[at]!, values[at + 1]!);
    this.#expected(values[at + 2]!, values[at + 3]!);
  }

  #expected(code: number | null, lengthUs: number | null): void {
    if (code === null || lengthUs === null) return;
    this.#counts[code]!++;
    if (lengthUs < this.#lengths[code]!) this.#lengths[code] = lengthUs;
  }

  /** The most frequent first. */
  result(): Summary['profiles'] {
    return [...this.#counts.keys()]
      .filter((code) => this.#counts[code]! > 0)
      .sort((a, b) => this.#counts[b]! - this.#counts[a]!)
      .map((code) => ({
        profile: PROFILES[Math.floor(code / PROFILE_EVIDENCE.length)]!,
        evidence: PROFILE_EVIDENCE[code % PROFILE_EVIDENCE.length]!,
        lengthUs: this.#lengths[code]!,
      }));
  }
}

function durations(sorted: Float64Array): Durations {
  return { count: sorted.length, medianUs: percentile(sorted, 0.5), longestUs: sorted.at(-1) ?? 0 };
}

/** What is known of each capture, in the order of the files. */
export function readCaptures(db: Database): CaptureFacts[] {
  type Row = Omit<CaptureFacts, 'skipped' | 'linkTypes'> & { skipped: string; linkTypes: string };
  return db
    .prepare<[], Row>(
      `SELECT path, frames, tcp_segments AS tcpSegments, first_us AS firstUs, last_us AS lastUs,
         link_types AS linkTypes, skipped, missed, dropped, filtered, directions, places, clock_jumps AS clockJumps,
         damage, damage_offset AS damageOffset FROM captures ORDER BY id`,
    )
    .all()
    .map((row) => ({
      ...row,
      linkTypes: JSON.parse(row.linkTypes) as number[],
      skipped: JSON.parse(row.skipped) as Record<string, number>,
    }));
}
