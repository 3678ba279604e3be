import { join } from 'node:path';
import { readCapture } from '../../src/capture/files/read.ts';
import { decodeFrame } from '../../src/decode/decode.ts';
import { newSegment } from '../../src/decode/segment.ts';
import { SEGMENT } from '../../src/decode/verdict.ts';
import type { FlowBatch } from '../../src/flow/format/batch.ts';
import { Tracker } from '../../src/flow/tracker.ts';
import { EXAMPLES } from '../examples.ts';
import { type FlowResult, flowsOf } from './result.ts';

/** Captures from elsewhere, beside the repository: tests that read them are left out where they are missing. */
export const WILD = join(EXAMPLES, 'wild');

/** Captures recorded between two kernels. */
export const RECORDED = join(import.meta.dirname, '../../captures');

/** The flows of a capture of a folder, times in seconds since the epoch. */
export async function flowsOfFile(name: string, folder = WILD): Promise<FlowResult[]> {
  const batches: FlowBatch[] = [];
  const onFlows = (batch: FlowBatch) => {
    batches.push(batch);
    return undefined;
  };
  const tracker = new Tracker({ capacity: 64, seed: 1, onFlows });
  const segment = newSegment();
  await readCapture(join(folder, name), (frame) => {
    if (decodeFrame(frame, segment) === SEGMENT) tracker.segment(segment);
  });
  for (const _ of tracker.finish());
  return flowsOf(batches, 0);
}
