import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { CaptureError } from '../capture/base/error.ts';
import { startThread } from '../capture/base/thread.ts';
import type { Store } from '../record/store.ts';
import type { FromLaneThread, LaneCounts, LaneData } from './lane-thread.ts';

/** A lane in a thread of its own (lane-thread.ts), as the main thread sees it. */
export class OtherLane {
  /** What it has counted, once it is at its end; rejects if it fails. */
  readonly counts: Promise<LaneCounts>;
  readonly #thread: Worker;

  constructor(task: LaneData['task'], store: Store | undefined) {
    const writer = store?.lane();
    const workerData: LaneData = { task, writer };
    this.#thread = startThread('lane-thread', {
      workerData,
      transferList: writer === undefined ? [] : [writer],
    });
    const gone = once(this.#thread, 'exit').then(() =>
      Promise.reject(new Error('a reading thread has stopped')),
    );
    const counts = once(this.#thread, 'message').then(([message]) => countsOf(message as FromLaneThread));
    this.counts = Promise.race([counts, gone]);
  }

  /** Stops it, whatever it is doing. */
  async terminate(): Promise<void> {
    await this.#thread.terminate();
  }
}

function countsOf(message: FromLaneThread): LaneCounts {
  if (!('unreadable' in message)) return message;
  const { path, offset, reason, code } = message.unreadable;
  throw new CaptureError(path, offset, reason, code);
}
