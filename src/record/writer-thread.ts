import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { endThread } from '../capture/base/thread.ts';
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
// the other one. It writes no more after the first error, which writer.ts reports.

const data = workerData as WriterData;
const port = parentPort!;
// One that has failed waits for its end: see startThread.
port.ref();
const post = (message: FromWriter, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

/** Lane 0 is the thread that has started this one. */
const MAIN = 0;
const order = new BatchOrder();
order.addLane((written) => post({ written }, buffersOf(written)));
const addresses = new AddressMerger();
let whenDone = () => {};
let hasFailed = false;

try {
  const writer =
    data.kind === 'live' ? new LiveWriter(data.path, data.append) : new FlowWriter(data.path, data.appendTo);
  if (data.kind === 'live') post('committed');
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
  const receive = (lane: number, message: FromLane) => {
    order.receive(lane, message);
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
    port.on('message', (message: FromLane) => orFail(() => receive(lane, message)));
    port.on('close', () => orFail(() => end(lane)));
  };
  port.on('message', (message: ToWriter) =>
    orFail(() => {
      if ('batch' in message || 'reached' in message || 'ended' in message) receive(MAIN, message);
      else if ('lane' in message) open(message.lane);
      else if ('kernel' in message) {
        if (writer instanceof LiveWriter) writer.kernel(message.kernel);
      } else if ('commit' in message) {
        if (writer instanceof LiveWriter) writer.commit(message.commit, message.nowUs);
        post('committed');
      } else {
        whenDone = () => {
          writer.finish(message.finish, message.nowUs);
          post('finished');
          endThread(port);
        };
        end(MAIN);
      }
    }),
  );
} catch (error) {
  fail(error);
}

/** Does it, unless something has failed before. */
function orFail(what: () => void): void {
  try {
    if (!hasFailed) what();
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): void {
  hasFailed = true;
  const known = asStoreError(error, data.path);
  post(known instanceof StoreError ? { code: known.code, message: known.reason } : errorParts(known));
}
