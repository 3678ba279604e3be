import { CaptureError } from '../capture/base/error.ts';
import { passedOver, SEGMENT } from '../decode/verdict.ts';
import type { CaptureRow } from '../record/rows/capture-row.ts';
import type { LaneResult } from './lane.ts';
import type { LaneCounts } from './lane-thread.ts';

/**
 * The rows of the captures, of what all lanes have counted. Throws a CaptureError where they have not read
 * the same: each frame is one lane's.
 */
export function captureRows(read: LaneResult, theirs: readonly LaneCounts[]): CaptureRow[] {
  let frameBase = 0;
  return read.captures.map(({ summary, verdicts }, i): CaptureRow => {
    const all = verdicts.map((count, v) =>
      theirs.reduce((sum, their) => sum + their.verdicts[i]![v]!, count),
    );
    if (all.reduce((sum, count) => sum + count) !== summary.frames) {
      throw new CaptureError(summary.path, 0, 'was changed while it was read');
    }
    const row = { ...summary, tcpSegments: all[SEGMENT]!, skipped: passedOver(all), frameBase };
    frameBase += summary.lastFrame;
    return row;
  });
}
