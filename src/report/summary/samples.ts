/** Numbers that come one by one, many of them. */
export class Samples {
  #values = new Float64Array(1024);
  #count = 0;
  #sorted = new Float64Array(0);

  get count(): number {
    return this.#count;
  }

  push(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(2 * this.#count);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
  }

  /** All of them, as they came: a view that is valid until the next `push`. */
  get values(): Float64Array {
    return this.#values.subarray(0, this.#count);
  }

  /** A copy, the smallest first; made once for all who ask. */
  sorted(): Float64Array {
    if (this.#sorted.length !== this.#count) this.#sorted = this.values.slice().sort();
    return this.#sorted;
  }
}

/**
 * The smallest value that at least `share` (0 to 1) of all are not above: the nearest rank. 0 of none.
 * @param sorted the smallest first
 */
export function percentile(sorted: Float64Array, share: number): number {
  // Multiplied out first: 0.07 * 100 is more than 7, and the rank would be one too far.
  const rank = Math.ceil((Math.round(share * 1e6) * sorted.length) / 1e6);
  return sorted[Math.max(0, rank - 1)] ?? 0;
}
