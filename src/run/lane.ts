import type { Frame } from '../capture/base/frame.ts';
import type { CaptureSummary } from '../capture/base/summary.ts';
import { readCapture } from '../capture/files/read.ts';
import { decodeFrame, quotingError, skippedNumber } from '../decode/decode.ts';
import { newSegment, type Segment } from '../decode/segment.ts';
import { NOT_TCP, newVerdicts, SEGMENT, SkippedNumbers } from '../decode/verdict.ts';
import type { OnFlows } from '../flow/format/batch.ts';
import { timeWaitRule } from '../flow/judge/profile.ts';
import type { FileSigns } from '../flow/table/file-signs.ts';
import { laneOf } from '../flow/table/lane-of.ts';
import { Tracker } from '../flow/tracker.ts';

/** Most flows that all lanes together hold at once. */
const CAPACITY = 1 << 20;
/** Most of them that are held ready, with 700 bytes each: packed, a flow takes a third of that, but up to 3 us. */
const READY = 3 << 17;

/** The lanes' batches are put in order once per this many blocks of a file: each time costs a message. */
const BLOCKS_A_TURN = 16;

/** One of the lanes that follow the flows of a capture, each its share of them. */
export interface LaneTask {
  /** Captures in order of time. */
  paths: readonly string[];
  /** TIME_WAIT's length: seconds, a profile's name, or auto. */
  timeWait: string | undefined;
  /** Its number, from 0. */
  lane: number;
  /** How many there are, a power of two. */
  lanes: number;
  /** Bytes of each capture that are read; to the end where undefined. */
  limits: readonly number[] | undefined;
}

/** The destination of a lane's flows. */
export interface Receiver {
  onFlows: OnFlows;
  /** What comes from now on belongs to this block of the capture; Infinity is beyond its end. */
  reached?: (block: number) => void;
  /** No flows come any more. */
  ended?: () => void;
  /** Awaited once per block, and after each batch at the end. */
  drained: () => Promise<void>;
}

/** For a lane whose flows nobody wants: the arrays come back at once. */
export const TO_NOBODY: Receiver = { onFlows: (batch) => batch, drained: async () => {} };

/** The destination of a lane's flows, and a callback for its progress. */
export interface LaneOptions extends Receiver {
  /** Called once per block, with bytes as they lie in the file. */
  onProgress?: (path: string, bytes: number, totalBytes: number | undefined, frames: number) => void;
}

/** What a lane has read: the captures, and of each how many frames had each verdict; those of other lanes are not counted. */
export interface LaneResult {
  captures: { summary: CaptureSummary; verdicts: number[] }[];
  /** In all captures together, by lane 0. */
  skipped: SkippedNumbers;
  flows: number;
  /** See Tracker.quality. */
  missed: number[];
  signs: FileSigns[];
  filter: number;
}

/**
 * Reads all of the captures and follows the flows of one lane: source -> decode -> flow. Throws
 * CaptureError where a file cannot be read at all.
 */
export async function followLane(task: LaneTask, options: LaneOptions): Promise<LaneResult> {
  const { lane, lanes } = task;
  const tracker = new Tracker({
    onFlows: options.onFlows,
    timeWait: timeWaitRule(task.timeWait),
    capacity: CAPACITY / lanes,
    ready: READY / lanes,
  });
  const segment = newSegment();
  const captures: LaneResult['captures'] = [];
  const skipped = new SkippedNumbers();
  let [frameBase, frames, block] = [0, 0, 0];
  for (const [file, path] of task.paths.entries()) {
    tracker.startFile(file, frameBase);
    const verdicts = newVerdicts();
    const onFrame = (frame: Frame) => {
      frames++;
      const verdict = decodeFrame(frame, segment);
      if (verdict !== SEGMENT) {
        if (verdict === NOT_TCP) takeError(tracker, segment, lanes === 1 || laneOf(segment, lanes) === lane);
        // Lane 0 counts the frames that belong to no flow.
        if (lane !== 0) return;
        verdicts[verdict]!++;
        skipped.add(verdict, skippedNumber());
      } else if (lanes === 1 || laneOf(segment, lanes) === lane) {
        verdicts[SEGMENT]!++;
        tracker.segment(segment);
      } else tracker.passBy(segment);
    };
    const summary = await readCapture(path, onFrame, {
      limit: task.limits?.[file],
      onProgress: (bytes, totalBytes) => options.onProgress?.(path, bytes, totalBytes, frames),
      hold: () => {
        if (++block % BLOCKS_A_TURN === 0) options.reached?.(block);
        return options.drained();
      },
    });
    captures.push({ summary, verdicts });
    frameBase += summary.lastFrame;
  }
  options.reached?.(Number.POSITIVE_INFINITY);
  for (const _ of tracker.finish()) await options.drained();
  // A lane with more to come must not wait for this one's turn.
  options.ended?.();
  return { captures, skipped, flows: tracker.written, ...tracker.quality };
}

/** Takes the last frame, if it is an ICMP error that quotes a segment; `isMine` if that segment's flow is this lane's. */
function takeError(tracker: Tracker, quoted: Segment, isMine: boolean): void {
  const error = quotingError();
  if (error === undefined) return;
  // All lanes have the same time.
  tracker.passTime(quoted.timeUs);
  if (isMine) tracker.icmpError(error, quoted);
}
