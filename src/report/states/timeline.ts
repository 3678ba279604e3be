import type { Database } from 'better-sqlite3';
import { addLives } from '../../record/timeline/lives.ts';
import type { Piece } from '../../record/timeline/timeline.ts';
import { TimelineBuilder } from '../../record/timeline/timeline-builder.ts';
import { addressIds, type Network } from '../addresses.ts';
import type { Run, RunPiece } from './state-counter.ts';

/** From which instant to which a timeline is needed, microseconds since the epoch. */
export interface Window {
  fromUs: number;
  toUs: number;
}

/**
 * The timeline of all ends, or of those whose own address is in `network`. It is stored for all;
 * for some, or where a database has none, it is made from the flows.
 */
export function readTimeline(db: Database, window: Window, network: Network | undefined): Run[] {
  const stored = network === undefined ? storedRuns(db) : [];
  return stored.length > 0 ? stored : builtRuns(db, window, network);
}

function storedRuns(db: Database): Run[] {
  const columns = 'id, from_us AS fromUs, counts, changes';
  const last = db.prepare<[number, number], PieceRow>(
    `SELECT ${columns} FROM timeline WHERE run = ? AND from_us <= ? ORDER BY from_us DESC, id DESC LIMIT 1`,
  );
  const next = db.prepare<[number, number, number], PieceRow>(
    `SELECT ${columns} FROM timeline WHERE run = ? AND (from_us, id) > (?, ?) ORDER BY from_us, id LIMIT 1`,
  );
  const runs = db.prepare<[], number>('SELECT DISTINCT run FROM timeline ORDER BY run').pluck().all();
  return runs.map((run) => ({
    pieceAt: (us) => toPiece(last.get(run, us)),
    pieceAfter: (piece) =>
      toPiece(next.get(run, piece?.fromUs ?? Number.MIN_SAFE_INTEGER, piece?.id ?? Number.MIN_SAFE_INTEGER)),
  }));
}

type PieceRow = Omit<RunPiece, 'counts'> & { counts: string };

function toPiece(row: PieceRow | undefined): RunPiece | undefined {
  return row && { ...row, counts: Int32Array.from(JSON.parse(row.counts) as number[]) };
}

function builtRuns(db: Database, window: Window, network: Network | undefined): Run[] {
  const runs: RunPiece[][] = [];
  const builder = new TimelineBuilder(({ run, ...piece }: Piece) => {
    runs[run] ??= [];
    runs[run].push({ ...piece, id: runs[run].length });
  });
  const addresses = network && addressIds(db, network);
  addLives(db, builder, { ...window, addresses });
  builder.finish();
  return runs.map((pieces) => ({
    pieceAt: (us) => pieces.findLast(({ fromUs }) => fromUs <= us),
    pieceAfter: (piece) => pieces[piece === undefined ? 0 : piece.id + 1],
  }));
}
