import { once } from 'node:events';
import { join } from 'node:path';
import type { WorkerOptions } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { startThread } from '../../../src/capture/base/thread.ts';
import { CAN_SAMPLE } from '../../../src/capture/kernel/kernel-sampler.ts';
import { temporaryFolder } from '../../record/database.ts';

// How threads end: see startThread.

const path = (name: string) => join(temporaryFolder(), name);

it('one that has failed waits to be terminated', async () => {
  const workerData = { kind: 'file', path: join(path('gone'), 'a.sqlite') };
  const thread = startThread('writer-thread', { workerData });
  await once(thread, 'message');
  // Another one lives as long as this one would after its work.
  await once(startThread('lane-thread', laneOptions()), 'exit');
  expect(thread.threadId).toBeGreaterThan(0);
  await thread.terminate();
});

const laneOptions = (): WorkerOptions => ({
  workerData: { task: { paths: [path('gone')], lane: 1, lanes: 2 }, writer: undefined },
});

/** Programs for threads: what they are started with, and the request that ends them. */
const PROGRAMS: [string, () => WorkerOptions, unknown][] = [
  ['lane-thread', laneOptions, undefined],
  [
    'writer-thread',
    () => ({ workerData: { kind: 'file', path: path('a') } }),
    { finish: [], nowUs: Number.NaN },
  ],
  ['kernel-sampler-thread', () => ({}), 'stop'],
];

describe.each(PROGRAMS)('%s', (name, options, request) => {
  const isMissing = name === 'kernel-sampler-thread' && !CAN_SAMPLE;
  it.skipIf(isMissing)('ends by itself once it has done its work', async () => {
    const thread = startThread(name, options());
    if (request !== undefined) thread.postMessage(request);
    expect(await once(thread, 'exit')).toEqual([0]);
  });
});
