import { setFlagsFromString } from 'node:v8';
import { type MessagePort, Worker, type WorkerOptions } from 'node:worker_threads';
import { packaged } from './packaged.ts';

/** What these threads allocate is short-lived or outside of the heap: more would only lie idle. */
const SMALL_HEAP = { maxYoungGenerationSizeMb: 4 };

/** Below this V8 collects no old garbage of a thread, of which there is little, so that its compiler never asks for it. */
const OLD_GENERATION_MB = 64;

/** By then V8 has compiled what a thread used last. */
const QUIET_MS = 10;

/**
 * Starts a thread of this package. Its end is delicate while V8 compiles its code in the background: Node.js waits
 * for the compiler when the event loop of a thread runs out, and the compiler may wait for that thread to collect
 * garbage (nodejs/node#54918); terminate() takes the thread from under the compiler, and if that then wants garbage
 * collected, the process aborts. So the compiler gets room enough, a thread that has done its work ends by
 * endThread(), and one that has failed waits to be terminated.
 * @param name of the file in dist, without `.js`
 */
export function startThread(name: string, options: WorkerOptions = {}): Worker {
  // It is heeded by heaps that are made from now on.
  setFlagsFromString(`--initial-old-space-size=${OLD_GENERATION_MB}`);
  return new Worker(packaged(`dist/${name}.js`), { resourceLimits: SMALL_HEAP, ...options });
}

/** In a thread that has done its work: ends it after a moment of quiet, in which V8's compiler comes to rest. */
export function endThread(port: MessagePort): void {
  setTimeout(() => port.close(), QUIET_MS);
}
