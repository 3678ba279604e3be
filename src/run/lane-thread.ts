import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { CaptureError } from '../capture/base/error.ts';
import { endThread } from '../capture/base/thread.ts';
import type { FileSigns } from '../flow/table/file-signs.ts';
import { BatchSender } from '../record/thread/batch-sender.ts';
import type { ToLane } from '../record/thread/messages.ts';
import { followLane, type LaneTask, type Receiver, TO_NOBODY } from './lane.ts';

// A lane beside the main thread's: it reads the same captures, and hands its flows to the writer's
// thread itself.

/** What the thread is started with: its task, and its way to the writer's thread. */
export interface LaneData {
  task: LaneTask;
  /** Undefined if nothing is written. */
  writer: MessagePort | undefined;
}

/** What it has counted: frames by verdict, of each capture, and how many flows it had. */
export interface LaneCounts {
  verdicts: number[][];
  flows: number;
  /** See Tracker.quality. */
  missed: number[];
  signs: FileSigns[];
}

/** Its last message. An error of a capture would lose its class on the way between threads. */
export type FromLaneThread =
  | LaneCounts
  | { unreadable: Pick<CaptureError, 'path' | 'offset' | 'reason' | 'code'> };

const { task, writer } = workerData as LaneData;
parentPort!.ref();
try {
  const result = await followLane(task, writer === undefined ? TO_NOBODY : toWriter(writer));
  parentPort!.postMessage({
    verdicts: result.captures.map(({ verdicts }) => verdicts),
    flows: result.flows,
    missed: result.missed,
    signs: result.signs,
  } satisfies FromLaneThread);
} catch (error) {
  if (!(error instanceof CaptureError)) throw error;
  const { path, offset, reason, code } = error;
  parentPort!.postMessage({ unreadable: { path, offset, reason, code } } satisfies FromLaneThread);
} finally {
  writer?.close();
  endThread(parentPort!);
}

function toWriter(port: MessagePort): Receiver {
  const sender = new BatchSender((message, transfer) => port.postMessage(message, transfer));
  port.on('message', ({ written }: ToLane) => sender.written(written));
  return {
    onFlows: (batch) => sender.write(batch),
    reached: (block) => sender.reached(block),
    ended: () => sender.ended(),
    drained: () => sender.drained(),
  };
}
