import { expect } from 'vitest';
import { type FlowBatch, HISTORY_LENGTH } from '../../src/flow/format/batch.ts';
import {
  type Column,
  columnIndex,
  ROW_COLUMNS,
  ROW_WIDTH,
  SEGMENT_WIDTH,
  STATE_TIMES,
  STATE_TIMES_WIDTH,
} from '../../src/flow/format/columns.ts';
import { ENDPOINTS, EVIDENCE, MEANINGS, STATES, type StateName } from '../../src/flow/format/words.ts';

// Finished flows as a test wants to read them: words for codes, seconds since the script's start for
// times, null for what is not known.

export type End = (typeof ENDPOINTS)[number];
export type Each<T> = Record<End, T>;

/** A state of an endpoint: when it was entered, in which frame (null: no frame shows it), and why. */
export interface Entered {
  state: StateName;
  at: number;
  frame: number | null;
  evidence: (typeof EVIDENCE)[number];
}

/** One of the close segments; `flags` in tcpdump's letters, seq and ack relative. */
export interface SeenSegment {
  at: number;
  frame: number;
  endpoint: End;
  flags: string;
  seq: number | null;
  ack: number | null;
  len: number;
  meaning: (typeof MEANINGS)[number];
}

export interface SeenTimeWait {
  atLeast: number | null;
  atMost: number | null;
  expected: number | null;
  endedBy: string | null;
  rearmed: number | null;
  evidence: string | null;
  profile: string | null;
  profileEvidence: string | null;
}

export interface Counts {
  fins: number;
  rsts: number;
  bytes: number;
  segments: number;
  retransmissions: number;
  duplicates: number;
  missed: number;
  dsacks: number | null;
  /** Seconds. */
  zeroWindow: number | null;
}

export interface FlowResult {
  capture: number;
  firstFrame: number;
  addresses: Each<string>;
  ports: Each<number>;
  /** `address:port` on the other side of a NAT. */
  translated: Each<string | null>;
  roleEvidence: string;
  first: number;
  last: number;
  observed: number;
  opened: number | null;
  closeKind: string;
  closedFirst: string | null;
  closeStarted: number | null;
  closeEnded: number | null;
  resetBy: string | null;
  resetKind: string | null;
  resetEvidence: string | null;
  idleBeforeClose: number | null;
  lateData: number | null;
  lateDataIsAlert: boolean | null;
  exchanges: number | null;
  /** Who sent data last before the close, how long after the other's last, in a segment of which length. */
  lastData: readonly [string | null, number | null, number | null];
  /** Paths as `SYN_SENT ESTABLISHED ...`. */
  client: string;
  server: string;
  /** The states in which watching ended. */
  state: Each<string | null>;
  /** The systems that their SYNs speak for. */
  stacks: Each<string | null>;
  synTsval: number | null;
  fin: Each<number | null>;
  stateTimes: Each<Entered[]>;
  segments: SeenSegment[];
  timeWaits: Partial<Each<SeenTimeWait>>;
  counts: Each<Counts>;
  zeek: string;
  history: string;
  completeness: number;
  evicted: boolean;
  /** The first ICMP error. */
  icmp: SeenError | null;
}

export interface SeenError {
  at: number;
  type: number | null;
  code: number | null;
  from: string | null;
}

/** The flows of some batches, in the order in which they were finished. */
export function flowsOf(batches: readonly FlowBatch[], startUs: number): FlowResult[] {
  const addresses = new Map<number, string>();
  return batches.flatMap((batch) => {
    for (let i = 0; i < batch.addresses.count; i++) {
      const words = [...batch.addresses.words.subarray(i * 4, i * 4 + 4)];
      addresses.set(batch.addresses.firstId + i, words.map((word) => word.toString(16)).join(':'));
    }
    let segment = 0;
    return Array.from({ length: batch.count }, (_, i) => {
      const from = segment;
      segment += batch.segmentCounts[i]!;
      return flowOf(batch, i, [from, segment], addresses, startUs);
    });
  });
}

/** Times since the first segment, however the clock went, and lengths; but data may come before the FIN that it meets. */
function isNeverNegative({ kind, name }: Column): boolean {
  return kind === 'offset' || (kind === 'duration' && name !== 'late_data');
}

/** State times, one state per line: `ESTABLISHED 0.02 #3 acked`. */
export function shown(times: readonly Entered[]): string[] {
  return times.map(({ state, at, frame, evidence }) =>
    [state, at, ...(frame === null ? [] : [`#${frame}`]), evidence].join(' '),
  );
}

function flowOf(
  batch: FlowBatch,
  index: number,
  [from, to]: readonly [number, number],
  addresses: ReadonlyMap<number, string>,
  startUs: number,
): FlowResult {
  const row = batch.rows.subarray(index * ROW_WIDTH, (index + 1) * ROW_WIDTH);
  expect(ROW_COLUMNS.filter((column, i) => isNeverNegative(column) && row[i]! < 0)).toEqual([]);
  const number = (name: string): number => row[columnIndex(name)]!;
  const known = (name: string): number | null => orNull(number(name));
  const word = (name: string): string | null => {
    const code = known(name);
    return code === null ? null : (ROW_COLUMNS[columnIndex(name)]?.words?.[code] ?? `code ${code}`);
  };
  const flag = (value: number | null) => (value === null ? null : value === 1);
  const seconds = (us: number): number | null => (Number.isNaN(us) ? null : Math.round(us) / 1e6);
  const since = (offsetUs: number): number | null => seconds(number('first') - startUs + offsetUs);
  const at = (name: string): number | null => since(number(name));
  const stateTimes = each((_, side) =>
    stateTimesOf(row, STATE_TIMES + side * STATE_TIMES_WIDTH, (offset) => since(offset) ?? Number.NaN),
  );
  const icmpOf = (when: number | null) =>
    when === null
      ? null
      : {
          at: when,
          type: known('icmp_type'),
          code: known('icmp_code'),
          from: addresses.get(number('icmp_from')) ?? null,
        };
  const history = batch.histories.subarray(index * HISTORY_LENGTH, (index + 1) * HISTORY_LENGTH);
  const ended = history.indexOf(0);
  return {
    capture: number('capture_id'),
    firstFrame: number('first_frame'),
    addresses: each((end) => addresses.get(number(`${end}_address`)) ?? 'unknown'),
    ports: each((end) => number(`${end}_port`)),
    translated: each((end) => {
      const port = known(`${end}_translated_port`);
      return port === null ? null : `${addresses.get(number(`${end}_translated_address`))}:${port}`;
    }),
    roleEvidence: word('role_evidence') ?? 'none',
    first: since(0) ?? Number.NaN,
    last: at('last') ?? Number.NaN,
    observed: at('observed') ?? Number.NaN,
    opened: at('opened'),
    closeKind: word('close_kind') ?? 'none',
    closedFirst: word('closed_first'),
    closeStarted: at('close_started'),
    closeEnded: at('close_ended'),
    resetBy: word('reset_by'),
    resetKind: word('reset_kind'),
    resetEvidence: word('reset_evidence'),
    idleBeforeClose: seconds(number('idle_before_close')),
    lateData: seconds(number('late_data')),
    lateDataIsAlert: flag(known('late_data_is_alert')),
    exchanges: known('exchanges'),
    lastData: [word('last_data_by'), seconds(number('last_data_after')), known('last_data_length')],
    client: stateTimes.client.map(({ state }) => state).join(' '),
    server: stateTimes.server.map(({ state }) => state).join(' '),
    state: each((end) => word(`${end}_state`)),
    synTsval: known('client_syn_tsval'),
    stacks: each((end) => word(`${end}_stack`)),
    fin: each((end) => at(`${end}_fin`)),
    stateTimes,
    segments: Array.from({ length: to - from }, (_, i) => {
      const s = batch.segments.subarray((from + i) * SEGMENT_WIDTH, (from + i + 1) * SEGMENT_WIDTH);
      return segmentOf(s, since(s[0]!) ?? Number.NaN);
    }),
    timeWaits: Object.fromEntries(
      ENDPOINTS.filter((end) => known(`${end}_time_wait_ended_by`) !== null).map((end) => [
        end,
        {
          atLeast: seconds(number(`${end}_time_wait_at_least`)),
          atMost: seconds(number(`${end}_time_wait_at_most`)),
          expected: seconds(number(`${end}_time_wait_expected`)),
          endedBy: word(`${end}_time_wait_ended_by`),
          rearmed: known(`${end}_time_wait_rearmed`),
          evidence: word(`${end}_time_wait_evidence`),
          profile: word(`${end}_time_wait_profile`),
          profileEvidence: word(`${end}_time_wait_profile_evidence`),
        },
      ]),
    ),
    counts: each((end) => ({
      fins: number(`${end}_fins`),
      rsts: number(`${end}_rsts`),
      bytes: number(`${end}_bytes`),
      segments: number(`${end}_segments`),
      retransmissions: number(`${end}_retransmissions`),
      duplicates: number(`${end}_duplicates`),
      missed: number(`${end}_missed`),
      dsacks: known(`${end}_dsacks`),
      zeroWindow: seconds(number(`${end}_zero_window`)),
    })),
    zeek: word('zeek_conn_state') ?? 'none',
    history: Buffer.from(ended < 0 ? history : history.subarray(0, ended)).toString('latin1'),
    completeness: number('wireshark_completeness'),
    evicted: number('evicted') === 1,
    icmp: icmpOf(at('icmp')),
  };
}

function stateTimesOf(row: Float64Array, at: number, seconds: (offset: number) => number): Entered[] {
  const evidence = row[at + STATES.length * 2]!;
  return STATES.flatMap((state, i) =>
    Number.isNaN(row[at + i]!)
      ? []
      : [
          {
            state,
            at: seconds(row[at + i]!),
            frame: orNull(row[at + STATES.length + i]!),
            evidence: EVIDENCE[Math.floor(evidence / 16 ** i) % 16]!,
          },
        ],
  );
}

function segmentOf(s: Float64Array, at: number): SeenSegment {
  const letters: [string, number][] = [
    ['F', 1],
    ['S', 2],
    ['R', 4],
    ['P', 8],
    ['.', 16],
  ];
  return {
    at,
    frame: s[1]!,
    endpoint: ENDPOINTS[s[2]!]!,
    flags: letters.map(([letter, bit]) => (s[3]! & bit ? letter : '')).join(''),
    seq: orNull(s[4]!),
    ack: orNull(s[5]!),
    len: s[6]!,
    meaning: MEANINGS[s[7]!]!,
  };
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

function each<T>(make: (end: End, side: number) => T): Each<T> {
  return { client: make('client', 0), server: make('server', 1) };
}
