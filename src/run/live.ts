import type { Readable } from 'node:stream';
import type { Frame } from '../capture/base/frame.ts';
import type { CaptureSummary } from '../capture/base/summary.ts';
import { readCapture } from '../capture/files/read.ts';
import { KernelSampler } from '../capture/kernel/kernel-sampler.ts';
import { decodeFrame, quotingError } from '../decode/decode.ts';
import { newSegment } from '../decode/segment.ts';
import { NOT_TCP, SEGMENT } from '../decode/verdict.ts';
import { timeWaitRule } from '../flow/judge/profile.ts';
import { type FileSigns, noSigns } from '../flow/table/file-signs.ts';
import { Tracker } from '../flow/tracker.ts';
import { type LiveStore, openLiveStore } from '../record/live/live-store.ts';
import type { CaptureRow } from '../record/rows/capture-row.ts';
import { describedBy } from './capture-rows.ts';
import { LiveCounts } from './live-counts.ts';

/** Where a live capture goes, and how it is judged. */
export interface LiveOptions {
  /** What the packets come from, as `captures.path` shows it: a device, or `-`. */
  source: string;
  /** Names the database: at the start, and each time a new one takes its place. */
  target: () => string;
  /** Add to a database that is there. */
  append: boolean;
  /** TIME_WAIT's length: seconds, a profile's name, or auto. */
  timeWait: string | undefined;
  /** Most flows watched at once, a power of two. */
  capacity?: number | undefined;
  /** A new database is begun after this time. */
  rotateMs?: number | undefined;
  /** The packets are this host's: record its kernel's socket table beside them. */
  kernel?: boolean | undefined;
}

/** What a run heeds. */
export interface RunOptions {
  /** Called when the stream has ended and all is committed. */
  onEnd?: () => Promise<void>;
  /** Whether the stream was ended on purpose: half a record at its end is no damage then. */
  wasStopped?: () => boolean;
}

/** How often what was seen is made visible to others, and safe. */
const COMMIT_MS = 500;
/** Rows of open flows are added to so short a queue of batches only. */
const INITIAL_BATCHES = 2;
/** If no packet comes for this long, time goes on by the clock of this process. */
const SILENT_MS = 1000;

/**
 * A pcap stream in, a database that grows: source -> decode -> flow -> record as in analyze, but flows
 * are written while they are open.
 */
export class Live {
  readonly tracker: Tracker;
  /** Packets so far. */
  frames = 0;
  /** Packets that the kernel has dropped so far; undefined if nobody counts them. */
  dropped: () => number | undefined = () => undefined;
  readonly #options: LiveOptions;
  #store: LiveStore;
  readonly #kernel: KernelSampler | undefined;
  #openedAt = performance.now();
  /** Databases before this one, which are being finished. */
  readonly #earlier: Promise<void>[] = [];
  /** The packets that belong to the database of now. */
  #counts = new LiveCounts();
  /** The latest time of a packet; a damaged one far ahead does not count. */
  #lastUs = 0;
  #segments = 0;
  /** When the latest packets came, by the clock of this process (ms). */
  #heardAt = performance.now();
  #committing: Promise<void> | undefined;

  /** Throws the StoreError of a database that cannot be opened, and ProfileError. */
  constructor(options: LiveOptions) {
    this.#options = options;
    const timeWait = timeWaitRule(options.timeWait);
    this.#store = openLiveStore(options.target(), options);
    const { capacity } = options;
    this.tracker = new Tracker({
      onFlows: (batch) => this.#store.write(batch),
      timeWait,
      live: true,
      ...(capacity === undefined ? {} : { capacity }),
    });
    this.tracker.startFile(0, 0);
    if (options.kernel) this.#kernel = new KernelSampler((sample) => this.#store.kernel(sample));
  }

  /** Path of the database of now. */
  get database(): string {
    return this.#store.path;
  }

  /** Why the kernel's sockets are not read any more. */
  get kernelFailure(): Error | undefined {
    return this.#kernel?.failure;
  }

  /** Databases so far. */
  get databases(): number {
    return this.#earlier.length + 1;
  }

  /** TCP segments so far. */
  get segments(): number {
    return this.#segments;
  }

  /**
   * The time by now, microseconds since the epoch: the latest packet's, and where none has come for a
   * second, as much later; 0 before the first.
   */
  get nowUs(): number {
    if (this.frames === 0) return 0;
    const silentMs = performance.now() - this.#heardAt;
    return silentMs < SILENT_MS ? this.#lastUs : Math.floor(this.#lastUs + silentMs * 1000);
  }

  /**
   * Reads a stream to its end, calls `onEnd` with all that came committed, and finishes the database.
   * Rejects with CaptureError where nothing could be read, and then leaves no new database; with
   * StoreError, and then what was committed stays.
   */
  async run(input: Readable, options: RunOptions = {}): Promise<CaptureRow> {
    const row = await this.#record(input, options);
    await Promise.all(this.#earlier);
    return row;
  }

  async #record(input: Readable, { onEnd, wasStopped }: RunOptions): Promise<CaptureRow> {
    const timer = setInterval(() => void this.commit().catch((error) => input.destroy(error)), COMMIT_MS);
    try {
      await this.#store.settled();
      const summary = await this.#read(input);
      clearInterval(timer);
      await this.#committing;
      await this.#kernel?.stop();
      await this.commit();
      await onEnd?.();
      return await this.#finish({
        ...describedBy(summary),
        ...(wasStopped?.() ? { damage: null } : {}),
      });
    } catch (error) {
      clearInterval(timer);
      const reason = this.#store.failure ?? error;
      await this.#giveUp();
      throw reason;
    }
  }

  /** All flows are written as they stand, and the database is one like any other. */
  async #finish(known: Partial<CaptureRow> = {}): Promise<CaptureRow> {
    const { nowUs } = this;
    this.tracker.passTime(nowUs);
    for (const _ of this.tracker.finish()) await this.#store.drained();
    const row = { ...this.#captureRow(nowUs), ...known };
    await this.#store.finish([row], nowUs);
    return row;
  }

  /** Leaves the best that can be left: where the database cannot be written any more, what was committed. */
  async #giveUp(): Promise<void> {
    await this.#committing?.catch(() => {});
    await this.#kernel?.stop();
    try {
      if (this.frames === 0 && this.#kernel === undefined) await this.#store.discard();
      else if (this.#store.failure !== undefined) await this.#store.abort();
      else await this.#finish();
    } catch {
      await this.#store.abort();
    }
  }

  /** Writes what has changed and makes it visible; where that is under way, it goes on instead. */
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

  #read(input: Readable): Promise<CaptureSummary> {
    const segment = newSegment();
    const onFrame = (frame: Frame) => {
      const verdict = decodeFrame(frame, segment);
      this.frames++;
      this.#counts.frame(verdict, frame.timeUs);
      if (verdict !== SEGMENT) {
        this.tracker.passTime(frame.timeUs);
        const error = verdict === NOT_TCP ? quotingError() : undefined;
        if (error !== undefined) this.tracker.icmpError(error, segment);
        return;
      }
      this.#segments++;
      this.tracker.segment(segment);
    };
    return readCapture('-', onFrame, {
      input,
      onProgress: () => {
        this.#heardAt = performance.now();
        this.#lastUs = this.tracker.now;
      },
      hold: () => this.#store.drained(),
    });
  }

  async #writeChanges(): Promise<void> {
    if (this.frames === 0 && this.#kernel === undefined) return;
    const { nowUs } = this;
    // If the last commit failed, this reports it, though no packet comes any more.
    await this.#store.drained();
    const begunAt = performance.now();
    const hasTime = () => performance.now() - begunAt < COMMIT_MS;
    // What has changed waits for what is new, so that reading need not wait for either.
    for (const _ of this.tracker.snapshot(nowUs, hasTime)) await this.#store.drained(INITIAL_BATCHES);
    const { rotateMs = Number.POSITIVE_INFINITY } = this.#options;
    if (performance.now() - this.#openedAt >= rotateMs) this.#rotate(nowUs);
    else this.#store.commit([this.#captureRow(nowUs)], nowUs);
  }

  /** Leaves the database as it stands now; flows that are open go on in a new one, with all that is known of them. */
  #rotate(nowUs: number): void {
    const next = openLiveStore(this.#options.target(), { append: false, like: this.#store.path });
    this.#openedAt = performance.now();
    this.tracker.restart();
    const finished = this.#store.finish([this.#captureRow(nowUs)], nowUs);
    // Awaited at the end.
    finished.catch(() => {});
    this.#earlier.push(finished);
    this.#store = next;
    this.#kernel?.resendAll();
    this.#counts = new LiveCounts(nowUs, { missed: this.tracker.gaps, dropped: this.dropped() }, this.#signs);
  }

  get #signs(): FileSigns {
    return this.tracker.quality.signs[0] ?? noSigns();
  }

  #captureRow(lastUs: number): CaptureRow {
    return this.#counts.row({
      path: this.#options.source,
      lastFrame: this.frames,
      lastUs,
      missed: this.tracker.gaps,
      dropped: this.dropped(),
      filtered: this.tracker.quality.filter,
      signs: this.#signs,
    });
  }
}
