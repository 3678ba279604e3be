import { ROW_WIDTH, SEGMENT_WIDTH } from './columns.ts';

/** Letters of Zeek's history kept per flow. */
export const HISTORY_LENGTH = 32;

/** New addresses since the last batch: four 32-bit words each, their ids running from `firstId`. */
export interface AddressRun {
  firstId: number;
  count: number;
  words: Uint32Array;
}

/**
 * Finished flows on their way to the store, as typed arrays so that they move to the writer's
 * thread without a copy. Row `i` has its numbers at `rows[i * ROW_WIDTH]` (see columns.ts), its
 * history as Latin-1 in `histories[i * HISTORY_LENGTH]`, ended by 0, and `segmentCounts[i]` close
 * segments, which follow each other in `segments` (SEGMENT_WIDTH numbers each; `at` is in
 * microseconds since the row's `first`, seq and ack are relative or NaN, frame is the running number).
 */
export interface FlowBatch extends BatchArrays {
  count: number;
  addresses: AddressRun;
  /** In a live capture, whose rows are written again and again: the number of each row, from 1. */
  ids?: Float64Array;
}

/** The arrays of a batch. They are reused, because new memory costs more than the rows in it. */
export interface BatchArrays {
  rows: Float64Array;
  histories: Uint8Array;
  segmentCounts: Uint16Array;
  segments: Float64Array;
}

/** New arrays for `flows` rows and `segments` close segments. */
export function newBatchArrays(flows: number, segments: number): BatchArrays {
  return {
    rows: new Float64Array(flows * ROW_WIDTH),
    histories: new Uint8Array(flows * HISTORY_LENGTH),
    segmentCounts: new Uint16Array(flows),
    segments: new Float64Array(segments * SEGMENT_WIDTH),
  };
}

/**
 * Receives a batch of finished flows; the arrays belong to the receiver afterwards, who may return those
 * of an earlier batch.
 */
export type OnFlows = (batch: FlowBatch) => BatchArrays | undefined;
