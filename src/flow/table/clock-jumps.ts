/** A clock that goes back by more than this has jumped: queues and interfaces are merged with less disorder. */
const BACK_US = 1_000_000;
/** Within this, a segment is only out of order. */
const DISORDER_US = 10_000;
/** One that goes ahead by more than this has jumped, too: a day. */
const AHEAD_US = 86_400_000_000;

/** Counts the jumps of a capture's clock: from one segment to the next by more than a second back, or a day ahead. */
export class ClockJumps {
  /** Jumps so far. */
  count = 0;
  /** Time of the segment before, microseconds since the epoch; one far ahead has to be confirmed by a second. */
  private head = 0;
  private doubted = 0;

  /** The next segment, of whichever flow, was captured at this time. */
  tick(timeUs: number): void {
    const step = timeUs - this.head;
    if (step >= 0 && step <= AHEAD_US) this.head = timeUs;
    else this.jump(timeUs, step);
  }

  private jump(timeUs: number, step: number): void {
    if (step > -DISORDER_US && step < 0) return;
    if (step > 0 && this.head !== 0 && Math.abs(timeUs - this.doubted) > AHEAD_US) {
      this.count++;
      this.doubted = timeUs;
      return;
    }
    if (step < -BACK_US) this.count++;
    this.head = timeUs;
  }
}
