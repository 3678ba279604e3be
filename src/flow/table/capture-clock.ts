/** A leap of the capture's clock that a single segment cannot make: a day. */
const LEAP_US = 86_400_000_000;

/** The time of a capture: the latest capture time of a segment so far. */
export class CaptureClock {
  private latest = 0;
  /** A time far ahead of the latest, which a second segment has to confirm. */
  private doubted = 0;

  /** Microseconds since the epoch, 0 before the first segment. It never goes back. */
  get now(): number {
    return this.latest;
  }

  /** The next segment was captured at this time. A single one far ahead has a damaged timestamp. */
  tick(timeUs: number): void {
    if (timeUs <= this.latest) return;
    if (timeUs - this.latest > LEAP_US && this.latest > 0 && Math.abs(timeUs - this.doubted) > LEAP_US) {
      this.doubted = timeUs;
    } else {
      this.latest = timeUs;
    }
  }
}
