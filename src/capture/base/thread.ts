import { Worker, type WorkerOptions } from 'node:worker_threads';
import { packaged } from './packaged.ts';

/** What these threads allocate is short-lived or outside of the heap: more would only lie idle. */
const SMALL_HEAP = { maxYoungGenerationSizeMb: 4 };

/**
 * Starts a thread of this package, which lives until its owner calls terminate(). It must not end by itself: when
 * the event loop of a thread runs out, Node.js waits for V8's compiler, which may wait for that thread to collect
 * garbage (nodejs/node#54918), and the process hangs. So it has to listen to its port to the last.
 * @param name of the file in dist, without `.js`
 */
export function startThread(name: string, options: WorkerOptions = {}): Worker {
  return new Worker(packaged(`dist/${name}.js`), { resourceLimits: SMALL_HEAP, ...options });
}
