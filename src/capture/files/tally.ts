import type { CaptureError } from '../base/error.ts';
import type { CaptureSummary } from '../base/summary.ts';

/** What a parser counts while it hands frames on. */
export class Tally {
  frames = 0;
  /** Records that have a frame number and are no packets. */
  others = 0;
  firstUs = Number.POSITIVE_INFINITY;
  lastUs = Number.NEGATIVE_INFINITY;
  readonly linkTypes = new Set<number>();

  /** Takes note of a capture time. Times may jump back, so the first one need not be the earliest. */
  time(timeUs: number): void {
    if (timeUs < this.firstUs) this.firstUs = timeUs;
    if (timeUs > this.lastUs) this.lastUs = timeUs;
  }

  summary(path: string, format: string, damage: CaptureError | null): CaptureSummary {
    const timed = this.firstUs <= this.lastUs;
    return {
      path,
      format,
      linkTypes: [...this.linkTypes],
      frames: this.frames,
      lastFrame: this.frames + this.others,
      firstUs: timed ? this.firstUs : Number.NaN,
      lastUs: timed ? this.lastUs : Number.NaN,
      damage,
    };
  }
}
