import type { BatchArrays, FlowBatch } from '../flow/batch.ts';
import type { CaptureRow } from './capture-row.ts';

/** What the writer's thread is started with: an empty file, and a copy of the database the run is to be added to. */
export interface WriterData {
  path: string;
  appendTo: string | undefined;
}

/** A capture's damage without its class, which does not survive the way between threads. */
export type CaptureMessage = Omit<CaptureRow, 'damage'> & {
  damage: { reason: string; offset: number } | null;
};

/** To the writer's thread. */
export type ToWriter = { batch: FlowBatch } | { captures: readonly CaptureMessage[] };

/** From it: a batch is in and its arrays are free, the file is closed, or it went wrong (and nothing more will come). */
export type FromWriter =
  | { written: BatchArrays }
  | 'finished'
  | { code: string | undefined; message: string };

/** The memory of a batch's arrays, which moves between the threads without a copy. */
export function buffersOf({ rows, histories, segmentCounts, segments }: BatchArrays): ArrayBuffer[] {
  return [rows, histories, segmentCounts, segments].map((array) => array.buffer as ArrayBuffer);
}
