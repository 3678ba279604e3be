import type { Database } from 'better-sqlite3';
import type { CaptureMessage } from './messages.ts';

/** Adds the captures of a run, whose numbers and frames go on from those of the database. */
export function insertCaptures(
  db: Database,
  captures: readonly CaptureMessage[],
  bases: { capture: number; frame: number },
): void {
  const insert = db.prepare(
    `INSERT INTO captures (id, path, format, link_types, first_us, last_us, frames, last_frame, tcp_segments, skipped,
       truncated, damage, damage_offset, frame_base) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  captures.forEach((capture, i) => {
    const { damage } = capture;
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
    );
  });
}

function nullable(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
