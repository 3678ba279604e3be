import { parentPort, workerData } from 'node:worker_threads';
import { errorParts } from './error.ts';
import { FlowWriter } from './flow-writer.ts';
import { LiveWriter } from './live-writer.ts';
import { buffersOf, type FromWriter, type ToWriter, type WriterData } from './messages.ts';

// The thread that owns the database while it is written: that keeps a core busy, and the reader needs
// the other one. It stops at the first error, which writer.ts reports.

const data = workerData as WriterData;
const port = parentPort!;
const say = (message: FromWriter, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

try {
  const writer =
    data.kind === 'live' ? new LiveWriter(data.path, data.append) : new FlowWriter(data.path, data.appendTo);
  if (data.kind === 'live') say('committed');
  port.on('message', (message: ToWriter) => {
    try {
      if ('batch' in message) {
        writer.write(message.batch);
        const { rows, histories, segmentCounts, segments } = message.batch;
        const written = { rows, histories, segmentCounts, segments };
        say({ written }, buffersOf(written));
      } else if ('kernel' in message) {
        if (writer instanceof LiveWriter) writer.kernel(message.kernel);
      } else if ('commit' in message) {
        if (writer instanceof LiveWriter) writer.commit(message.commit, message.nowUs);
        say('committed');
      } else {
        writer.finish(message.finish, message.nowUs);
        say('finished');
        port.close();
      }
    } catch (error) {
      fail(error);
    }
  });
} catch (error) {
  fail(error);
}

function fail(error: unknown): void {
  say(errorParts(error));
  port.close();
}
