import type { Database } from 'better-sqlite3';
import { CAPTURE_FILES, ifMissing } from '../schema/schema.ts';
import type { CaptureMessage } from './capture-row.ts';

/** Adds the captures of a run, whose numbers and frames go on from those of the database. */
export function insertCaptures(
  db: Database,
  captures: readonly CaptureMessage[],
  bases: { capture: number; frame: number },
): void {
  if (captures.some(({ file }) => file)) db.exec(ifMissing(CAPTURE_FILES));
  captures.forEach((capture, i) => {
    const id = bases.capture + i;
    insert(db, 'captures', { id, frame_base: bases.frame + capture.frameBase, ...rowOf(capture) });
    const { file } = capture;
    if (!file) return;
    const { size, head, tail } = file;
    insert(db, 'capture_files', { capture_id: id, size, head_sha256: head, tail_sha256: tail });
  });
}

type Row = Record<string, string | number | null>;

function insert(db: Database, table: string, row: Row): void {
  const names = Object.keys(row);
  const values = names.map((name) => `:${name}`);
  db.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${values.join(', ')})`).run(row);
}

/** The columns of a capture that are the same in every database. */
function rowOf(capture: CaptureMessage): Row {
  const { damage, quality = {} } = capture;
  return {
    path: capture.path,
    format: capture.format,
    link_types: JSON.stringify(capture.linkTypes),
    first_us: nullable(capture.firstUs),
    last_us: nullable(capture.lastUs),
    frames: capture.frames,
    last_frame: capture.lastFrame,
    tcp_segments: capture.tcpSegments,
    skipped: JSON.stringify(capture.skipped),
    truncated: Number(damage !== null),
    damage: damage?.reason ?? null,
    damage_offset: damage?.offset ?? null,
    missed: quality.missed ?? null,
    dropped: quality.dropped ?? null,
    filtered: quality.filtered ?? null,
    directions: quality.directions ?? null,
    places: quality.places ?? null,
    clock_jumps: quality.clockJumps ?? null,
  };
}

function nullable(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
