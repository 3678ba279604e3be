import { duration } from '../../units.ts';

// How durations of one kind lie: a timer makes them alike.

/** Alike if the longest but a tenth is at most this many times the shortest but a tenth. */
const ALIKE = 1.25;
/** Fewer tell nothing. */
const SEVERAL = 3;

/** Durations in microseconds; the median of an even number is the upper one. */
export interface Spread {
  count: number;
  shortestUs: number;
  medianUs: number;
  longestUs: number;
  /** As by a timer: several, nine of ten of which are alike. */
  areAlike: boolean;
}

/** Of at least one duration in microseconds. */
export function spreadOf(durations: readonly number[]): Spread {
  const sorted = [...durations].sort((a, b) => a - b);
  const at = (share: number) => percentile(sorted, share);
  return {
    count: sorted.length,
    shortestUs: at(0),
    medianUs: at(0.5),
    longestUs: at(1),
    areAlike: sorted.length >= SEVERAL && at(0.9) <= ALIKE * at(0.1),
  };
}

/** A percentile, of an even number the upper of two that are as near. @param sorted the shortest first */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.round((sorted.length - 1) * share)]!;
}

/** A timer is at most so many times too late, and of a service's clients a few timers at most are of importance. */
const PUNCTUAL = 1.1;
const TIMERS = 3;
/** The part that they end. */
const MOST = 0.8;

/** Most of these durations are as by a few timers: around one, two or three lengths, of which each is that of several. */
export function areOfTimers(durations: readonly number[]): boolean {
  let rest = [...durations].sort((a, b) => a - b);
  for (let timer = 0; timer < TIMERS; timer++) {
    const [from, to] = mostAlike(rest);
    if (to - from < SEVERAL) break;
    rest = [...rest.slice(0, from), ...rest.slice(to)];
  }
  return durations.length - rest.length >= MOST * durations.length;
}

/** Where in a sorted list the most begin and end that one timer may have ended. */
function mostAlike(sorted: readonly number[]): readonly [from: number, to: number] {
  let most: readonly [number, number] = [0, 0];
  for (let from = 0, to = 0; to < sorted.length; from++) {
    while (to < sorted.length && sorted[to]! <= PUNCTUAL * sorted[from]!) to++;
    if (to - from > most[1] - most[0]) most = [from, to];
  }
  return most;
}

/** `1.998-2.012 s`, `850 µs to 12.5 ms`; one duration if both read the same. */
export function spreadText({ shortestUs, longestUs }: Pick<Spread, 'shortestUs' | 'longestUs'>): string {
  const areSeconds = shortestUs >= 1e5 && longestUs >= 1e6 && longestUs < 600e6;
  if (areSeconds) return joined((shortestUs / 1e6).toFixed(3), (longestUs / 1e6).toFixed(3), '-', ' s');
  return joined(duration(shortestUs), duration(longestUs), ' to ', '');
}

function joined(from: string, to: string, between: string, unit: string): string {
  return `${from === to ? from : from + between + to}${unit}`;
}
