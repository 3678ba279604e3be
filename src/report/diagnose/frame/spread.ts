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
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)]!;
  return {
    count: sorted.length,
    shortestUs: at(0),
    medianUs: sorted[Math.floor(sorted.length / 2)]!,
    longestUs: at(1),
    areAlike: sorted.length >= SEVERAL && at(0.9) <= ALIKE * at(0.1),
  };
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
