import { describe, expect, it } from 'vitest';
import { ACK, newSegment, RST, SYN } from '../../src/decode/segment.ts';
import { Tracker } from '../../src/flow/tracker.ts';

// A clock that leaps while flows are watched live: one that had not been set, a suspended host, an hour without packets.

const YEAR_US = 365 * 86_400_000_000;
const HOUR_US = 3_600_000_000;
const COUNT = 10_000;

/** A tracker that watches live, and what it does. */
class Watch {
  batches = 0;
  flows = 0;
  readonly tracker = new Tracker({
    live: true,
    capacity: 1 << 14,
    onFlows: ({ count }) => {
      this.batches++;
      this.flows += count;
      return undefined;
    },
  });
  #frame = 0;

  /** A connection that is refused at a time (microseconds since the epoch). */
  refused(us: number): void {
    const port = (this.#frame % 60_000) + 1024;
    this.#segment({ timeUs: us, src3: 1, dst3: 2, srcPort: port, dstPort: 80, flags: SYN });
    this.#segment({ timeUs: us, src3: 2, dst3: 1, srcPort: 80, dstPort: port, flags: RST | ACK, ack: 1 });
  }

  #segment(parts: object): void {
    this.tracker.segment(Object.assign(newSegment(), parts, { frame: ++this.#frame }));
  }
}

describe('a clock that leaps while flows are watched live', () => {
  it('by half a century takes no time to look for the TIME_WAITs that have ended', () => {
    const watch = new Watch();
    watch.refused(HOUR_US);
    Array.from(watch.tracker.snapshot(HOUR_US));
    watch.refused(50 * YEAR_US);
    watch.refused(50 * YEAR_US + 1);
    const begunAt = performance.now();
    Array.from(watch.tracker.snapshot(50 * YEAR_US + 1));
    expect(performance.now() - begunAt).toBeLessThan(1000);
  });

  it('has the flows that are due wait for whoever takes them', () => {
    const watch = new Watch();
    for (let i = 0; i < COUNT; i++) watch.refused(YEAR_US);
    Array.from(watch.tracker.snapshot(YEAR_US));
    Object.assign(watch, { batches: 0, flows: 0 });
    watch.tracker.passTime(YEAR_US + HOUR_US);
    let most = 0;
    for (const _ of watch.tracker.snapshot(YEAR_US + HOUR_US)) {
      most = Math.max(most, watch.batches);
      watch.batches = 0;
    }
    expect(most).toBeLessThanOrEqual(2);
    expect([watch.flows, watch.tracker.watched]).toEqual([COUNT, 0]);
  });
});
