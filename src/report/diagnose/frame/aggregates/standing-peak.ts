import type { Database } from 'better-sqlite3';

/** The most that stood at once, and the first time it was so, microseconds since the epoch. */
export interface Peak {
  atOnce: number;
  atUs: number;
}

/**
 * Makes `standing_peak(from_us, until_us)` known to a connection: an aggregate function over the times at
 * which things began and ended, a Peak as JSON.
 */
export function registerStandingPeak(db: Database): void {
  db.aggregate('standing_peak', {
    // Pairs of a beginning and an end.
    start: (): number[] => [],
    varargs: true,
    step: (times: number[], ...[from = 0, until = 0]: number[]) => {
      times.push(from, until);
    },
    result: (times: number[]) => JSON.stringify(peakOf(times)),
    directOnly: true,
  });
}

/** Reads what `standing_peak` gave. */
export function readPeak(json: string): Peak {
  return JSON.parse(json) as Peak;
}

/** @param times pairs of a beginning and an end; what ends at an instant makes room for what begins then */
export function peakOf(times: readonly number[]): Peak {
  const beginnings = Float64Array.from({ length: times.length / 2 }, (_, i) => times[2 * i]!).sort();
  const ends = Float64Array.from({ length: times.length / 2 }, (_, i) => times[2 * i + 1]!).sort();
  const peak: Peak = { atOnce: 0, atUs: beginnings[0] ?? 0 };
  let ended = 0;
  for (const [i, atUs] of beginnings.entries()) {
    while (ended < i && ends[ended]! <= atUs) ended++;
    if (i + 1 - ended > peak.atOnce) Object.assign(peak, { atOnce: i + 1 - ended, atUs });
  }
  return peak;
}
