import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { CaptureError } from '../capture/base/error.ts';
import { packaged } from '../capture/base/packaged.ts';
import type { Store } from '../record/store.ts';
import type { FromLaneThread, LaneCounts, LaneData } from './lane-thread.ts';

/** Flows live outside of the heap. */
const SMALL_HEAP = { maxYoungGenerationSizeMb: 4 };

/** A lane in a thread of its own (lane-thread.ts), as the main thread sees it. */
export class OtherLane {
  /** What it has counted, once it is at its end; rejects where it fails. */
  readonly counts: Promise<LaneCounts>;
  readonly #thread: Worker;

  constructor(task: LaneData['task'], store: Store | undefined) {
    const writer = store?.lane();
    const workerData: LaneData = { task, writer };
    this.#thread = new Worker(packaged('dist/lane-thread.js'), {
      workerData,
      transferList: writer === undefined ? [] : [writer],
      resourceLimits: SMALL_HEAP,
    });
    const gone = once(this.#thread, 'exit').then(() =>
      Promise.reject(new Error('a reading thread has stopped')),
    );
    const counts = once(this.#thread, 'message').then(([said]) => countsOf(said as FromLaneThread));
    this.counts = Promise.race([counts, gone]);
  }

  /** Stops it, whatever it is doing. */
  async terminate(): Promise<void> {
    await this.#thread.terminate();
  }
}

function countsOf(said: FromLaneThread): LaneCounts {
  if (!('unreadable' in said)) return said;
  const { path, offset, reason, code } = said.unreadable;
  throw new CaptureError(path, offset, reason, code);
}
