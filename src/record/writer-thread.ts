import { parentPort, workerData } from 'node:worker_threads';
import { errorParts } from './error.ts';
import { FlowWriter } from './flow-writer.ts';
import type { FromWriter, ToWriter, WriterData } from './messages.ts';

// The thread that owns the database while it is written: that keeps a core busy, and the reader needs
// the other one. It stops at the first error, which store.ts reports.

const { path, appendTo } = workerData as WriterData;
const port = parentPort!;
const say = (message: FromWriter) => port.postMessage(message);

try {
  const writer = new FlowWriter(path, appendTo);
  port.on('message', (message: ToWriter) => {
    try {
      if ('batch' in message) {
        writer.write(message.batch);
        say('written');
      } else {
        writer.finish(message.captures);
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
