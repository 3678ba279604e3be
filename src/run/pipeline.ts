import { availableParallelism } from 'node:os';
import { inTimeOrder } from '../capture/files/order.ts';
import { plainBytes } from '../capture/files/plain-bytes.ts';
import type { SkippedNumbers } from '../decode/verdict.ts';
import { timeWaitRule } from '../flow/judge/profile.ts';
import type { CaptureRow } from '../record/rows/capture-row.ts';
import { openStore, type Store } from '../record/store.ts';
import { captureRows } from './capture-rows.ts';
import { followLane, type Receiver, TO_NOBODY } from './lane.ts';
import { OtherLane } from './other-lane.ts';

/** Where the captures go, and how they are judged. */
export interface AnalyzeOptions {
  /** The database to write; undefined writes none. */
  target: string | undefined;
  /** Add to it instead of replacing it. */
  append: boolean;
  /** Read a capture all the same that the database holds already, or that is named twice. */
  again?: boolean;
  /** The capture that the target is named after: it replaces the database of no other one. */
  namedAfter?: string | undefined;
  /** TIME_WAIT's length: seconds, a profile's name, or auto. */
  timeWait: string | undefined;
  /** How many threads follow the flows, a power of two; by default as the captures ask for. */
  lanes?: number;
  /** Called if another run writes the database, whose end is waited for. */
  onWait?: () => void;
  /** Called once per block of a file; what it throws ends the run. */
  onProgress?: (progress: Progress) => void;
}

/** How far the reading is: bytes of the current file, frames of all files together. */
export interface Progress {
  bytes: number;
  totalBytes: number | undefined;
  frames: number;
  file: string;
}

/** Below this a second thread takes longer to start, and to have its code compiled, than it saves. */
const BYTES_FOR_LANES = 256 * 1024 * 1024;

/**
 * Captures in, a database out where one is wanted: source -> decode -> flow -> record. Large files are
 * read by two threads, each of which follows half of the flows. Throws CaptureError where a file cannot be
 * read at all, StoreError if the database cannot be written, RefusedError if it would be spoiled; each leaves
 * the target as it was. A file
 * that is damaged midway is in `captures` with its damage.
 */
export async function analyze(
  files: readonly string[],
  options: AnalyzeOptions,
): Promise<{ captures: CaptureRow[]; skipped: SkippedNumbers; flows: number }> {
  const { timeWait, onProgress } = options;
  // An unknown profile is reported before any file is opened.
  timeWaitRule(timeWait);
  const paths = await inTimeOrder(files);
  const sizes = paths.map(plainBytes);
  const lanes = options.lanes ?? lanesFor(sizes);
  // A file that still grows must be the same for all.
  const limits = lanes > 1 ? sizes : undefined;
  const { target } = options;
  const store = target === undefined ? undefined : await openStore(target, { ...options, captures: paths });
  const others: OtherLane[] = [];
  try {
    for (let lane = 1; lane < lanes; lane++)
      others.push(new OtherLane({ paths, timeWait, lane, lanes, limits }, store));
    const mine = followLane(
      { paths, timeWait, lane: 0, lanes, limits },
      {
        ...(store === undefined ? TO_NOBODY : toStore(store, lanes)),
        onProgress: (file, bytes, totalBytes, frames) => onProgress?.({ bytes, totalBytes, frames, file }),
      },
    );
    const all = Promise.all([mine, ...others.map((lane) => lane.counts)]);
    // A lane that waits for a writer that is no more would wait for ever.
    const [read, ...theirs] = await Promise.race([all, ...(store === undefined ? [] : [store.failed()])]);
    const captures = captureRows(read, theirs);
    await store?.finish(captures);
    const flows = theirs.reduce((sum, lane) => sum + lane.flows, read.flows);
    return { captures, skipped: read.skipped, flows };
  } catch (error) {
    for (const lane of others) await lane.terminate();
    await store?.abort();
    throw error;
  }
}

function toStore(store: Store, lanes: number): Receiver {
  return {
    onFlows: (batch) => store.write(batch),
    ...(lanes > 1 ? { reached: (block) => store.reached(block), ended: () => store.ended() } : {}),
    drained: () => store.drained(),
  };
}

/** How many threads read captures of these sizes: one for a stream (NaN), which can be read only once. */
function lanesFor(sizes: readonly number[]): number {
  if (availableParallelism() < 2) return 1;
  return sizes.reduce((sum, size) => sum + size, 0) >= BYTES_FOR_LANES ? 2 : 1;
}
