// The kernel's trace and our polls are stamped by CLOCK_MONOTONIC, captures by CLOCK_REALTIME.

/** CLOCK_MONOTONIC in microseconds. */
export function monotonicUs(): number {
  return Number(process.hrtime.bigint()) / 1000;
}

/** One comparison of the two clocks: at monotonic time `at`, real time was `at + offset`. */
export interface ClockReading {
  at: number;
  offset: number;
}

/**
 * Compares the clocks. Date.now() has milliseconds only, but the instant it ticks over is a whole
 * millisecond: we spin to eight ticks and keep the one we noticed soonest, right to about a microsecond.
 */
export function readClocks(): ClockReading {
  let best: ClockReading = { at: 0, offset: Number.NEGATIVE_INFINITY };
  for (let tick = 0; tick < 8; tick++) {
    const before = Date.now();
    let now = before;
    while (now === before) now = Date.now();
    const at = monotonicUs();
    if (now * 1000 - at > best.offset) best = { at, offset: now * 1000 - at };
  }
  return best;
}

/** From monotonic to epoch microseconds, following the drift between two readings. */
export function toEpoch(start: ClockReading, end: ClockReading): (monotonic: number) => number {
  const drift = end.at > start.at ? (end.offset - start.offset) / (end.at - start.at) : 0;
  return (monotonic) => Math.round(monotonic + start.offset + (monotonic - start.at) * drift);
}
