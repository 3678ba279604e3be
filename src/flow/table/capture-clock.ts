/** A leap of the capture's clock that one segment alone cannot make: a day. */
const LEAP_US = 86_400_000_000;

/** What time it is in a capture: the latest at which a segment was captured. */
export class CaptureClock {
  private latest = 0;
  /** A time far ahead of the latest, which a second one has to confirm. */
  private doubted = 0;

  /** Microseconds since the epoch, 0 before the first segment. The clock's jumps back do not count. */
  get now(): number {
    return this.latest;
  }

  /** The next segment was captured at this time. One alone that is far ahead is a damaged timestamp. */
  tick(timeUs: number): void {
    if (timeUs <= this.latest) return;
    if (timeUs - this.latest > LEAP_US && this.latest > 0 && Math.abs(timeUs - this.doubted) > LEAP_US) {
      this.doubted = timeUs;
    } else {
      this.latest = timeUs;
    }
  }
}
