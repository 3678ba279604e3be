/** A small seeded generator (xorshift32): the same seed gives the same numbers on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    // Any state but zero will do; the multiplication sets neighbouring seeds apart.
    this.#state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  }

  /** A whole 32-bit number. */
  bits(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  /** At least `low`, less than `high`. */
  between(low: number, high: number): number {
    return low + (this.bits() / 2 ** 32) * (high - low);
  }

  /** Likewise a whole number. */
  integer(low: number, high: number): number {
    return Math.floor(this.between(low, high));
  }

  chance(probability: number): boolean {
    return this.bits() < probability * 2 ** 32;
  }

  /** One of several. */
  pick<T>(from: readonly T[]): T {
    const picked = from[this.integer(0, from.length)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  }
}
