import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { followLane, type LaneTask } from './lane.ts';
import { BatchSender } from './record/batch-sender.ts';
import type { ToLane } from './record/messages.ts';

// A lane beside the main thread's: it reads the same captures, and hands its flows to the writer's
// thread itself.

/** What the thread is started with: its task, and its way to the writer's thread. */
export interface LaneData {
  task: LaneTask;
  writer: MessagePort;
}

/** What it says at its end: frames by verdict, of each capture, and how many flows it had. */
export interface LaneCounts {
  verdicts: number[][];
  flows: number;
}

const { task, writer } = workerData as LaneData;
const sender = new BatchSender((message, transfer) => writer.postMessage(message, transfer));
writer.on('message', ({ written }: ToLane) => sender.written(written));
try {
  const result = await followLane(task, {
    onFlows: (batch) => sender.write(batch),
    reached: (block) => sender.reached(block),
    drained: () => sender.drained(),
  });
  parentPort!.postMessage({
    verdicts: result.captures.map(({ verdicts }) => verdicts),
    flows: result.flows,
  } satisfies LaneCounts);
} finally {
  writer.close();
}
