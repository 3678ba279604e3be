const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

/**
 * Sorts times, whole numbers from 0 to 2^53, and takes their codes along: digit by digit, the lowest
 * first. That is some nanoseconds for each and digit, a tenth of what a comparison sort takes.
 */
export class TimeSort {
  readonly #counts = new Uint32Array(DIGITS);
  readonly #times: Float64Array;
  readonly #codes: Uint8Array;

  /** @param most the most that are sorted at once */
  constructor(most: number) {
    this.#times = new Float64Array(most);
    this.#codes = new Uint8Array(most);
  }

  /** Sorts the first `length` of both. */
  sort(times: Float64Array, codes: Uint8Array, length: number): void {
    let first = Number.POSITIVE_INFINITY;
    let last = 0;
    for (let i = 0; i < length; i++) {
      const time = times[i]!;
      if (time < first) first = time;
      if (time > last) last = time;
    }
    let [fromTimes, fromCodes, toTimes, toCodes] = [times, codes, this.#times, this.#codes];
    for (let unit = 1; unit <= last - first; unit *= DIGITS) {
      this.#pass(fromTimes, fromCodes, toTimes, toCodes, length, first, unit);
      [fromTimes, fromCodes, toTimes, toCodes] = [toTimes, toCodes, fromTimes, fromCodes];
    }
    if (fromTimes === times) return;
    times.set(fromTimes.subarray(0, length));
    codes.set(fromCodes.subarray(0, length));
  }

  /** Orders by one digit of the time since `first`, those with the same one as they were. */
  #pass(
    fromTimes: Float64Array,
    fromCodes: Uint8Array,
    toTimes: Float64Array,
    toCodes: Uint8Array,
    length: number,
    first: number,
    unit: number,
  ): void {
    const places = this.#counts.fill(0);
    const scale = 1 / unit; // a power of two: exact
    for (let i = 0; i < length; i++) places[((fromTimes[i]! - first) * scale) & (DIGITS - 1)]!++;
    for (let digit = 0, place = 0; digit < DIGITS; digit++) {
      const count = places[digit]!;
      places[digit] = place;
      place += count;
    }
    for (let i = 0; i < length; i++) {
      const time = fromTimes[i]!;
      const place = places[((time - first) * scale) & (DIGITS - 1)]!++;
      toTimes[place] = time;
      toCodes[place] = fromCodes[i]!;
    }
  }
}
