/** A clock that goes back by more than this has jumped: queues and interfaces are merged with less disorder. */
const BACK_US = 1_000_000;
/** Within this, a segment is only out of order. */
const DISORDER_US = 10_000;
/** One that goes ahead by more than this has jumped, too: a day. */
const AHEAD_US = 86_400_000_000;

/** Tells the jumps of a capture's clock: from one segment to the next by more than a second back, or a day ahead. */
export class ClockJumps {
  /** Time of the segment before, microseconds since the epoch; one far ahead has to be confirmed by a second. */
  private head = 0;
  private doubted = 0;
  /** A segment was captured before the one before it, be it by a microsecond. */
  hasGoneBack = false;

  /** The next segment, of whichever flow, was captured at this time. True if the clock has jumped. */
  tick(timeUs: number): boolean {
    const step = timeUs - this.head;
    if (step < 0 || step > AHEAD_US) return this.leap(timeUs, step);
    this.head = timeUs;
    return false;
  }

  /** Out of order, or far ahead. */
  private leap(timeUs: number, step: number): boolean {
    if (step < 0) this.hasGoneBack = true;
    if (step > -DISORDER_US && step < 0) return false;
    if (step > 0 && this.head !== 0 && Math.abs(timeUs - this.doubted) > AHEAD_US) {
      this.doubted = timeUs;
      return true;
    }
    this.head = timeUs;
    return step < -BACK_US;
  }
}
