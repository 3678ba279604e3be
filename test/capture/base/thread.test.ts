import { once } from 'node:events';
import { join } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { startThread } from '../../../src/capture/base/thread.ts';
import { CAN_SAMPLE } from '../../../src/capture/kernel/kernel-sampler.ts';
import { temporaryFolder } from '../../record/database.ts';

const gone = join(temporaryFolder(), 'gone');

const THREADS: [string, string, WorkerOptions, unknown?][] = [
  ['writer-thread', 'fails', { workerData: { kind: 'file', path: join(gone, 'a.sqlite') } }],
  [
    'lane-thread',
    'has read a capture',
    { workerData: { task: { paths: [gone], lane: 1, lanes: 2 }, writer: undefined } },
  ],
  ...(CAN_SAMPLE
    ? [['kernel-sampler-thread', 'was stopped', {}, 'stop'] as [string, string, object, string]]
    : []),
];

it.each(THREADS)('%s that %s waits to be ended', async (name, _, options, request) => {
  const thread = startThread(name, options);
  try {
    if (request !== undefined) thread.postMessage(request);
    for (;;) {
      const [message] = await once(thread, 'message');
      if (request === undefined || message === 'stopped') break;
    }
    // Time enough for it to end, if it did so by itself.
    await once(new Worker('', { eval: true }), 'exit');
    expect(thread.threadId).toBeGreaterThan(0);
  } finally {
    await thread.terminate();
  }
});
