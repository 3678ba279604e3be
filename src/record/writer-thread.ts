import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { errorParts } from './error.ts';
import { FlowWriter } from './flow-writer.ts';
import type { FromWriter, ToWriter, WriterData } from './messages.ts';

// The thread that owns the database while it is written: binding values keeps a core busy, and the
// reader needs the other one. It stops at the first error, which store.ts reports.

const { path, append } = workerData as WriterData;
const port = parentPort!;
const say = (message: FromWriter) => port.postMessage(message);

try {
  const writer = new FlowWriter(new Database(path), append);
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
