import { GROWTH } from './captures.ts';
import { ARGUS, TCPTRACE, TSHARK } from './peers.ts';
import { FINWAIT, GROWN, LIMIT, READING, STARTING, TRACKING, WRITING } from './programs.ts';
import { median, ratio, type Series } from './rounds.ts';

/** What was measured of each capture, by its name. */
export type Measured = ReadonlyMap<string, readonly Series[]>;

/** What is to be reached, and what was measured. */
export interface Target {
  text: string;
  limit: number;
  /** Whether the limit is the least or the most. */
  bound: 'least' | 'most';
  value: number;
}

/** The targets of which everything was measured that they speak of. */
export function targetsOf(measured: Measured): Target[] {
  return TARGETS.map(({ of, ...target }) => ({ ...target, value: of(measured) })).filter(
    ({ value }) => !Number.isNaN(value),
  );
}

/** Whether it is reached. */
export function isMet({ limit, bound, value }: Target): boolean {
  return bound === 'least' ? value >= limit : value <= limit;
}

type Wanted = Omit<Target, 'value'> & { of: (measured: Measured) => number };

const MB = 1e6;

const faster = (capture: string, peer: string, limit: number): Wanted => ({
  text: `${capture}: times as fast as ${peer}`,
  limit,
  bound: 'least',
  of: (measured) => times(measured, capture, peer, FINWAIT),
});

const memory = (capture: string, limit: number): Wanted => ({
  text: `${capture}: peak memory in MB`,
  limit,
  bound: 'most',
  of: (measured) => {
    const ours = [FINWAIT, TRACKING, GROWN].flatMap((name) => find(measured, capture, name)?.samples ?? []);
    return ours.length === 0 ? Number.NaN : Math.max(...ours.map(({ peak }) => peak ?? 0)) / MB;
  },
});

const TARGETS: readonly Wanted[] = [
  faster('tiny', ARGUS, 3),
  faster('tiny', TCPTRACE, 10),
  faster('tiny', TSHARK, 10),
  faster('middling', ARGUS, 6),
  faster('long', ARGUS, 10),
  {
    text: `long: times as long as ${READING} and ${STARTING} together`,
    limit: 3,
    bound: 'most',
    of: (measured) => {
      const [finwait, reading, starting] = [FINWAIT, READING, STARTING].map(
        (name) => find(measured, 'long', name)?.samples ?? [],
      );
      const rounds = finwait!.filter((_, i) => reading![i] !== undefined && starting![i] !== undefined);
      return median(rounds.map(({ ms }, i) => ms / (reading![i]!.ms + starting![i]!.ms)));
    },
  },
  {
    text: 'tiny: writing the rows takes times as long as SQLite in C',
    limit: 2.5,
    bound: 'most',
    of: (measured) => times(measured, 'tiny', WRITING, LIMIT),
  },
  ...['tiny', 'middling', 'long', 'ipv6', 'pcapng', 'gzip', 'grow'].map((name) => memory(name, 250)),
  memory('concurrent', 600),
  {
    text: `grow: time for each packet, of ${GROWTH} times as many`,
    limit: 1.15,
    bound: 'most',
    of: (measured) => times(measured, 'grow', GROWN, FINWAIT) / GROWTH,
  },
];

function find(measured: Measured, capture: string, name: string): Series | undefined {
  return measured.get(capture)?.find((series) => series.name === name);
}

/** How many times as long one takes as the other on a capture; NaN where one of them was not run. */
function times(measured: Measured, capture: string, one: string, other: string): number {
  const [first, second] = [find(measured, capture, one), find(measured, capture, other)];
  return first === undefined || second === undefined ? Number.NaN : ratio(first, second);
}
