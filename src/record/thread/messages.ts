import type { MessagePort } from 'node:worker_threads';
import type { KernelSample } from '../../capture/kernel/kernel-sampler.ts';
import type { BatchArrays, FlowBatch } from '../../flow/format/batch.ts';
import type { CaptureMessage } from '../rows/capture-row.ts';

/**
 * What the writer's thread is started with. A `file` is empty and nobody else's yet; with `appendTo`, a
 * copy of a database, the run is added to that at the end. A `live` database is empty, or one of finwait's to
 * be added to as it is.
 */
export type WriterData =
  | { kind: 'file'; path: string; appendTo: string | undefined }
  | { kind: 'live'; path: string; append: boolean };

/**
 * From a lane to the writer's thread: a batch of the capture's block, the block that it has come to, or that
 * no batch comes any more. Batches of several lanes are written in order of their blocks.
 */
export type FromLane = { batch: FlowBatch; block: number } | { reached: number } | { ended: true };

/**
 * To the writer's thread: what a lane sends; the way for another lane; a reading of the kernel's sockets;
 * what a live capture has read by `nowUs`, for others to see; the end, with what was read.
 */
export type ToWriter =
  | FromLane
  | { lane: MessagePort }
  | { kernel: KernelSample }
  | { commit: readonly CaptureMessage[]; nowUs: number }
  | { finish: readonly CaptureMessage[]; nowUs: number };

/** To a lane: a batch is in and its arrays are free. */
export type ToLane = { written: BatchArrays };

/**
 * From the writer's thread: a batch is in and its arrays are free, a commit is made, the file is closed, or
 * it went wrong (and nothing more will come).
 */
export type FromWriter = ToLane | 'committed' | 'finished' | { code: string | undefined; message: string };

/** The memory of a batch's arrays, which moves between the threads without a copy. */
export function buffersOf({ rows, histories, segmentCounts, segments }: BatchArrays): ArrayBuffer[] {
  return [rows, histories, segmentCounts, segments].map((array) => array.buffer as ArrayBuffer);
}
