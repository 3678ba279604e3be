import type { Database } from 'better-sqlite3';
import { CAPTURE_FILES, ifMissing } from '../schema/schema.ts';
import type { CaptureMessage } from './capture-row.ts';

/** Adds the captures of a run, whose numbers and frames go on from those of the database. */
export function insertCaptures(
  db: Database,
  captures: readonly CaptureMessage[],
  bases: { capture: number; frame: number },
): void {
  const insert = db.prepare(
    `INSERT INTO captures (id, path, format, link_types, first_us, last_us, frames, last_frame, tcp_segments, skipped,
       truncated, damage, damage_offset, frame_base, missed, dropped, filtered, directions, places, clock_jumps)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const hasFiles = captures.some(({ file }) => file);
  if (hasFiles) db.exec(ifMissing(CAPTURE_FILES));
  const insertFile = hasFiles
    ? db.prepare('INSERT INTO capture_files (capture_id, size, head_sha256, tail_sha256) VALUES (?, ?, ?, ?)')
    : undefined;
  captures.forEach((capture, i) => {
    const { damage, file, quality = {} } = capture;
    insert.run(
      bases.capture + i,
      capture.path,
      capture.format,
      JSON.stringify(capture.linkTypes),
      nullable(capture.firstUs),
      nullable(capture.lastUs),
      capture.frames,
      capture.lastFrame,
      capture.tcpSegments,
      JSON.stringify(capture.skipped),
      Number(damage !== null),
      damage?.reason ?? null,
      damage?.offset ?? null,
      bases.frame + capture.frameBase,
      quality.missed ?? null,
      quality.dropped ?? null,
      quality.filtered === undefined ? null : Number(quality.filtered),
      quality.directions ?? null,
      quality.places ?? null,
      quality.clockJumps ?? null,
    );
    if (file) insertFile?.run(bases.capture + i, file.size, file.head, file.tail);
  });
}

function nullable(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
