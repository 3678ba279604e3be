// src/run, the ways through, in one room:
// these files
// pipeline.ts for captures that have an end, by lane.ts in threads (other-lane.ts, lane-thread.ts); live.ts for packets
// as they come, from live-source.ts, which live-counts.ts counts.

import { CaptureError } from '../capture/base/error.ts';
import type { CaptureSummary } from '../capture/base/summary.ts';
import { SEGMENT, skippedByReason } from '../decode/verdict.ts';
import { directionsOf, placesOf } from '../flow/judge/capture-kind.ts';
import { type FileSigns, noSigns } from '../flow/table/file-signs.ts';
import type { CaptureRow } from '../record/rows/capture-row.ts';
import type { LaneResult } from './lane.ts';
import type { LaneCounts } from './lane-thread.ts';

/**
 * The rows of the captures, of what all lanes have counted. Throws a CaptureError where they have not read
 * the same: each frame is one lane's.
 */
export function captureRows(
  read: Pick<LaneResult, 'captures' | 'missed' | 'signs' | 'filter'>,
  theirs: readonly LaneCounts[],
): CaptureRow[] {
  let frameBase = 0;
  return read.captures.map(({ summary, verdicts }, i): CaptureRow => {
    const all = verdicts.map((count, v) =>
      theirs.reduce((sum, their) => sum + their.verdicts[i]![v]!, count),
    );
    if (all.reduce((sum, count) => sum + count) !== summary.frames) {
      throw new CaptureError(summary.path, 0, 'was changed while it was read');
    }
    const missed = [read, ...theirs].reduce((sum, lane) => sum + (lane.missed[i] ?? 0), 0);
    const signs = [read, ...theirs].map((lane) => lane.signs[i] ?? noSigns()).reduce(together);
    const quality = {
      missed,
      filtered: read.filter,
      directions: directionsOf(signs),
      places: placesOf(signs, all[SEGMENT]!),
      clockJumps: signs.clockJumps,
    };
    const row = { ...summary, tcpSegments: all[SEGMENT]!, skipped: skippedByReason(all), frameBase, quality };
    frameBase += summary.lastFrame;
    return row;
  });
}

/** What two lanes have counted of a file. Both have seen its clock jump. */
function together(one: FileSigns, other: FileSigns): FileSigns {
  return {
    oneWay: one.oneWay + other.oneWay,
    twoWay: one.twoWay + other.twoWay,
    copies: one.copies + other.copies,
    clockJumps: one.clockJumps,
  };
}

/** What only the end of a live stream tells of it. */
export function describedBy({ format, linkTypes, damage }: CaptureSummary) {
  return { format, linkTypes, damage } satisfies Partial<CaptureRow>;
}
