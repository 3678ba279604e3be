import type { Readable } from 'node:stream';
import type { Frame } from './capture/frame.ts';
import { readCapture } from './capture/read.ts';
import type { CaptureSummary } from './capture/summary.ts';
import { decodeFrame } from './decode/decode.ts';
import { newSegment } from './decode/segment.ts';
import { SEGMENT } from './decode/verdict.ts';
import { timeWaitRule } from './flow/profile.ts';
import { Tracker } from './flow/tracker.ts';
import { newVerdicts, passedOver } from './pipeline.ts';
import type { CaptureRow } from './record/capture-row.ts';
import { type LiveStore, openLiveStore } from './record/live-store.ts';

/** Where a live capture goes, and how it is judged. */
export interface LiveOptions {
  /** What the packets come from, as `captures.path` shows it: a device, or `-`. */
  source: string;
  /** The database of now: called at the start, and again for each new one. */
  target: () => string;
  append: boolean;
  /** TIME_WAIT's length: seconds, a profile's name, or auto. */
  timeWait: string | undefined;
  /** Most flows watched at once. */
  capacity?: number | undefined;
}

/** How often what was seen is made visible to others, and safe. */
const COMMIT_MS = 1000;

/**
 * A pcap stream in, a database that grows: source -> decode -> flow -> record, as analyze, but flows
 * are written while they are open, every second.
 */
export class Live {
  readonly tracker: Tracker;
  frames = 0;
  readonly #options: LiveOptions;
  readonly #verdicts = newVerdicts();
  #store: LiveStore;
  #firstUs = Number.POSITIVE_INFINITY;
  #lastUs = Number.NEGATIVE_INFINITY;
  /** When the latest packet came, by the clock of this process (ms). */
  #heardAt = performance.now();
  #frameBase = 0;
  #committing: Promise<void> | undefined;

  /** Throws the StoreError of a database that cannot be opened, and ProfileError. */
  constructor(options: LiveOptions) {
    this.#options = options;
    this.#store = openLiveStore(options.target(), { append: options.append });
    this.tracker = new Tracker({
      onFlows: (batch) => this.#store.write(batch),
      timeWait: timeWaitRule(options.timeWait),
      live: true,
      ...(options.capacity === undefined ? {} : { capacity: options.capacity }),
    });
    this.tracker.startFile(0, 0);
  }

  get database(): string {
    return this.#store.path;
  }

  /** TCP segments so far. */
  get segments(): number {
    return this.#verdicts[SEGMENT]!;
  }

  /**
   * The time by now, microseconds since the epoch: the latest packet's, and where none has come for a
   * second, as much later; 0 before the first.
   */
  get nowUs(): number {
    if (this.frames === 0) return 0;
    const silentMs = performance.now() - this.#heardAt;
    return silentMs < COMMIT_MS ? this.#lastUs : Math.floor(this.#lastUs + silentMs * 1000);
  }

  /** Reads a stream to its end and finishes the database. Rejects with CaptureError or StoreError; what was committed stays. */
  async run(input: Readable): Promise<CaptureRow> {
    await this.#store.settled();
    const timer = setInterval(() => void this.commit().catch(() => input.destroy()), COMMIT_MS);
    const segment = newSegment();
    const onFrame = (frame: Frame) => {
      const verdict = decodeFrame(frame, segment);
      this.frames++;
      this.#verdicts[verdict]!++;
      this.#firstUs = Math.min(this.#firstUs, frame.timeUs);
      this.#lastUs = Math.max(this.#lastUs, frame.timeUs);
      if (verdict === SEGMENT) this.tracker.segment(segment);
    };
    try {
      const summary = await readCapture('-', onFrame, {
        input,
        onProgress: () => {
          this.#heardAt = performance.now();
        },
        hold: () => this.#store.drained(),
      });
      clearInterval(timer);
      await this.#committing;
      const endUs = this.nowUs;
      this.tracker.passTime(endUs);
      for (const _ of this.tracker.finish()) await this.#store.drained();
      const row = { ...this.#captureRow(endUs), ...described(summary) };
      await this.#store.finish([row], endUs);
      return row;
    } catch (error) {
      const reason = this.#store.failure ?? error;
      await this.#store.abort();
      throw reason;
    } finally {
      clearInterval(timer);
    }
  }

  /** Writes what has changed and makes it visible; one that is under way goes on instead. */
  commit(): Promise<void> {
    this.#committing ??= this.#writeChanges().finally(() => {
      this.#committing = undefined;
    });
    return this.#committing;
  }

  /** Resolves when all that was committed can be seen. */
  settled(): Promise<void> {
    return this.#store.settled();
  }

  async #writeChanges(): Promise<void> {
    if (this.frames === 0) return;
    const { nowUs } = this;
    for (const _ of this.tracker.snapshot(nowUs)) await this.#store.drained();
    this.#store.commit([this.#captureRow(nowUs)], nowUs);
  }

  #captureRow(lastUs: number): CaptureRow {
    return {
      path: this.#options.source,
      format: 'pcap',
      linkTypes: [],
      frames: this.frames,
      lastFrame: this.frames,
      firstUs: this.frames === 0 ? Number.NaN : this.#firstUs,
      lastUs: this.frames === 0 ? Number.NaN : lastUs,
      damage: null,
      tcpSegments: this.segments,
      skipped: passedOver(this.#verdicts),
      frameBase: this.#frameBase,
    };
  }
}

/** What only the end of the stream tells of it. */
function described({ format, linkTypes, damage }: CaptureSummary): Partial<CaptureRow> {
  return { format, linkTypes, damage };
}
