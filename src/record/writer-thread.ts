import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { asStoreError, errorParts, StoreError } from './files/error.ts';
import { FlowWriter } from './flow-writer.ts';
import { LiveWriter } from './live/live-writer.ts';
import { AddressMerger } from './thread/address-merger.ts';
import { BatchOrder } from './thread/batch-order.ts';
import {
  buffersOf,
  type FromLane,
  type FromWriter,
  type ToLane,
  type ToWriter,
  type WriterData,
} from './thread/messages.ts';

// The thread that owns the database while it is written: that keeps a core busy, and the reader needs
// the other one. It stops at the first error, which writer.ts reports.

const data = workerData as WriterData;
const port = parentPort!;
const say = (message: FromWriter, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

/** Lane 0 is the thread that has started this one. */
const MAIN = 0;
const order = new BatchOrder();
order.addLane((written) => say({ written }, buffersOf(written)));
const addresses = new AddressMerger();
let whenDone = () => {};

try {
  const writer =
    data.kind === 'live' ? new LiveWriter(data.path, data.append) : new FlowWriter(data.path, data.appendTo);
  if (data.kind === 'live') say('committed');
  /** Writes the batches whose turn it is, and ends the run once it is complete. */
  const writeNext = () => {
    for (let next = order.take(); next !== undefined; next = order.take()) {
      const { lane, batch, giveBack } = next;
      if (order.several) addresses.merge(lane, batch);
      writer.write(batch);
      const { rows, histories, segmentCounts, segments } = batch;
      giveBack({ rows, histories, segmentCounts, segments });
    }
    if (order.isDone) {
      const finish = whenDone;
      whenDone = () => {};
      finish();
    }
  };
  const hear = (lane: number, message: FromLane) => {
    order.hear(lane, message);
    writeNext();
  };
  const end = (lane: number) => {
    order.end(lane);
    writeNext();
  };
  const open = (port: MessagePort) => {
    const lane = order.addLane((written) =>
      port.postMessage({ written } satisfies ToLane, buffersOf(written)),
    );
    port.on('message', (message: FromLane) => orFail(() => hear(lane, message)));
    port.on('close', () => orFail(() => end(lane)));
  };
  port.on('message', (message: ToWriter) =>
    orFail(() => {
      if ('batch' in message || 'reached' in message || 'ended' in message) hear(MAIN, message);
      else if ('lane' in message) open(message.lane);
      else if ('kernel' in message) {
        if (writer instanceof LiveWriter) writer.kernel(message.kernel);
      } else if ('commit' in message) {
        if (writer instanceof LiveWriter) writer.commit(message.commit, message.nowUs);
        say('committed');
      } else {
        whenDone = () => {
          writer.finish(message.finish, message.nowUs);
          say('finished');
          port.close();
        };
        end(MAIN);
      }
    }),
  );
} catch (error) {
  fail(error);
}

/** Does it, and stops at an error. */
function orFail(what: () => void): void {
  try {
    what();
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): void {
  const known = asStoreError(error, data.path);
  say(known instanceof StoreError ? { code: known.code, message: known.reason } : errorParts(known));
  port.close();
}
