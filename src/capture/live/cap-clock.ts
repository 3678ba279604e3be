/** A jump of the system's clock; below it is what Date.now() cuts off, and what two readings differ by. */
const JUMP_US = 2000;

/**
 * The system's time in microseconds since the epoch, finer than Date.now(): a monotonic clock set by
 * it. `adjust` has to be called now and then, to follow a system clock that was set.
 */
export class CapClock {
  #offsetUs: number;
  readonly #monotonicUs: () => number;
  readonly #systemMs: () => number;

  constructor(monotonicMs = () => performance.now(), systemMs = () => Date.now()) {
    this.#monotonicUs = () => monotonicMs() * 1000;
    this.#systemMs = systemMs;
    this.#offsetUs = this.#offset();
  }

  /** Whole microseconds since the epoch. */
  now(): number {
    return Math.floor(this.#monotonicUs() + this.#offsetUs);
  }

  /** Follows the system's clock where it has jumped or drifted. */
  adjust(): void {
    const aheadUs = this.now() - this.#systemMs() * 1000;
    // Date.now() is up to a millisecond late.
    if (aheadUs < -JUMP_US || aheadUs > 1000 + JUMP_US) this.#offsetUs = this.#offset();
  }

  /** Waits for Date.now() to turn, so that its millisecond is a whole one. Takes one at most. */
  #offset(): number {
    const before = this.#systemMs();
    let systemMs = before;
    for (let tries = 0; systemMs === before && tries < 1e6; tries++) systemMs = this.#systemMs();
    return systemMs * 1000 - this.#monotonicUs();
  }
}
