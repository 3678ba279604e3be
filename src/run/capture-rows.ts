// src/run, the ways through, in one room:
// these files
// pipeline.ts for captures that have an end, by lane.ts in threads (other-lane.ts, lane-thread.ts); live.ts for packets
// as they come, from live-source.ts.

import { CaptureError } from '../capture/base/error.ts';
import type { CaptureSummary } from '../capture/base/summary.ts';
import { SEGMENT, skippedByReason } from '../decode/verdict.ts';
import type { CaptureQuality, CaptureRow } from '../record/rows/capture-row.ts';
import type { LaneResult } from './lane.ts';
import type { LaneCounts } from './lane-thread.ts';

/**
 * The rows of the captures, of what all lanes have counted. Throws a CaptureError where they have not read
 * the same: each frame is one lane's.
 */
export function captureRows(
  read: Pick<LaneResult, 'captures' | 'missed' | 'isFiltered'>,
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
    const quality = { missed, filtered: read.isFiltered };
    const row = { ...summary, tcpSegments: all[SEGMENT]!, skipped: skippedByReason(all), frameBase, quality };
    frameBase += summary.lastFrame;
    return row;
  });
}

/** The row of a live capture as it stands, of what was counted so far. */
export function liveRow({
  path,
  verdicts,
  lastFrame,
  firstUs,
  lastUs,
  quality,
}: {
  path: string;
  /** Frames by verdict. */
  verdicts: readonly number[];
  lastFrame: number;
  /** Infinity before the first frame. */
  firstUs: number;
  lastUs: number;
  quality: CaptureQuality;
}): CaptureRow {
  const isTimed = Number.isFinite(firstUs);
  return {
    path,
    format: 'pcap',
    linkTypes: [],
    frames: verdicts.reduce((sum, count) => sum + count, 0),
    lastFrame,
    firstUs: isTimed ? firstUs : Number.NaN,
    lastUs: isTimed ? lastUs : Number.NaN,
    damage: null,
    tcpSegments: verdicts[SEGMENT]!,
    skipped: skippedByReason(verdicts),
    frameBase: 0,
    quality,
  };
}

/** What only the end of a live stream tells of it. */
export function describedBy({ format, linkTypes, damage }: CaptureSummary) {
  return { format, linkTypes, damage } satisfies Partial<CaptureRow>;
}
