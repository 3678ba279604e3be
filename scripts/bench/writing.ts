// How long our store takes for the rows of a capture: writing.ts FILE OUT.sqlite. The rows are made first
// and kept in memory; from the first batch handed over to the finished database is what counts, in seconds.
import { readCapture } from '../../src/capture/files/read.ts';
import { decodeFrame } from '../../src/decode/decode.ts';
import { newSegment } from '../../src/decode/segment.ts';
import { SEGMENT } from '../../src/decode/verdict.ts';
import type { FlowBatch } from '../../src/flow/format/batch.ts';
import { Tracker } from '../../src/flow/tracker.ts';
import { openStore } from '../../src/record/store.ts';

const [file = '', target = ''] = process.argv.slice(2);
const store = await openStore(target, { append: false });
const batches: FlowBatch[] = [];
const tracker = new Tracker({
  onFlows: (batch) => {
    batches.push(batch);
    return undefined;
  },
});
const segment = newSegment();
let tcpSegments = 0;
const summary = await readCapture(file, (frame) => {
  if (decodeFrame(frame, segment) !== SEGMENT) return;
  tcpSegments++;
  tracker.segment(segment);
});
for (const _ of tracker.finish());

const start = performance.now();
for (const batch of batches) {
  store.write(batch);
  await store.drained();
}
await store.finish([{ ...summary, tcpSegments, skipped: {}, frameBase: 0 }]);
console.log(((performance.now() - start) / 1000).toFixed(6));
