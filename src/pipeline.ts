import type { Frame } from './capture/frame.ts';
import { inTimeOrder } from './capture/order.ts';
import { readCapture } from './capture/read.ts';
import { decodeFrame } from './decode/decode.ts';
import { newSegment } from './decode/segment.ts';
import { SEGMENT, VERDICTS } from './decode/verdict.ts';
import { timeWaitRule } from './flow/profile.ts';
import { Tracker } from './flow/tracker.ts';
import type { CaptureRow } from './record/capture-row.ts';
import { openStore } from './record/store.ts';

/** Where the captures go, and how they are judged. */
export interface AnalyzeOptions {
  /** The database to write. */
  target: string;
  /** Add to it instead of replacing it. */
  append: boolean;
  /** TIME_WAIT's length: seconds, a profile's name, or auto. */
  timeWait: string | undefined;
  /** Called once a block of a file. */
  onProgress?: (progress: Progress) => void;
  /** Stops between two blocks; the database stays as it was. */
  signal?: AbortSignal;
}

/** How far the reading is: bytes of the current file, frames of all files together. */
export interface Progress {
  bytes: number;
  totalBytes: number | undefined;
  frames: number;
  file: string;
}

/**
 * Captures in, a database out: source -> decode -> flow -> record. Throws CaptureError where a file
 * cannot be read at all, StoreError where the database cannot be written; either leaves the target
 * as it was. A file that is damaged midway is in `captures` with its damage.
 */
export async function analyze(
  files: readonly string[],
  options: AnalyzeOptions,
): Promise<{ captures: CaptureRow[]; flows: number }> {
  const timeWait = timeWaitRule(options.timeWait);
  const paths = await inTimeOrder(files);
  const store = await openStore(options.target, { append: options.append });
  try {
    const tracker = new Tracker({ onFlows: (batch) => store.write(batch), timeWait });
    const captures: CaptureRow[] = [];
    const segment = newSegment();
    let frameBase = 0;
    let frames = 0;
    for (const [file, path] of paths.entries()) {
      tracker.startFile(file, frameBase);
      const verdicts = newVerdicts();
      const onFrame = (frame: Frame) => {
        const verdict = decodeFrame(frame, segment);
        frames++;
        verdicts[verdict]!++;
        if (verdict === SEGMENT) tracker.segment(segment);
      };
      const summary = await readCapture(path, onFrame, {
        signal: options.signal,
        onProgress: (bytes, totalBytes) => options.onProgress?.({ bytes, totalBytes, frames, file: path }),
        hold: () => store.drained(),
      });
      captures.push({
        ...summary,
        tcpSegments: verdicts[SEGMENT]!,
        skipped: passedOver(verdicts),
        frameBase,
      });
      frameBase += summary.lastFrame;
    }
    for (const _ of tracker.finish()) await store.drained();
    await store.finish(captures);
    return { captures, flows: tracker.written };
  } catch (error) {
    await store.abort();
    throw error;
  }
}

/** Counts by verdict. */
export function newVerdicts(): number[] {
  return new Array<number>(VERDICTS.length).fill(0);
}

/** The counts of what was passed over, by reason. */
export function passedOver(verdicts: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  VERDICTS.forEach((reason, verdict) => {
    if (verdict !== SEGMENT && verdicts[verdict]! > 0) counts[reason] = verdicts[verdict]!;
  });
  return counts;
}
