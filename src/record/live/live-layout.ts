import type { Database } from 'better-sqlite3';
import { settleKernel } from '../kernel/kernel-settle.ts';
import { deduplicateAddresses } from '../rows/deduplicate-addresses.ts';
import { addLives } from '../timeline/lives.ts';
import { countsJson } from '../timeline/timeline.ts';
import { TimelineBuilder } from '../timeline/timeline-builder.ts';
import { FROM_LIVE, TO_LIVE } from './live-schema.ts';

/** Whether a live capture writes the database, or was killed when it did. */
export function isLive(db: Database): boolean {
  return db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'live'").pluck().get() !== 0;
}

/** Makes a finished database ready for a live capture; one that a killed capture has left is finished first. */
export function toLive(db: Database): void {
  if (isLive(db)) fromLive(db);
  db.transaction(() => db.exec(TO_LIVE))();
}

/** Makes the database of a live capture one like any other. */
export function fromLive(db: Database): void {
  db.transaction(() => {
    db.exec(FROM_LIVE);
    deduplicateAddresses(db, { flow: 0, address: 0 });
    settleKernel(db);
    const pieces: unknown[][] = [];
    const builder = new TimelineBuilder(({ run, fromUs, counts, changes }) => {
      pieces.push([run, fromUs, countsJson(counts), changes]);
    });
    addLives(db, builder);
    builder.finish();
    const insert = db.prepare('INSERT INTO timeline (run, from_us, counts, changes) VALUES (?, ?, ?, ?)');
    for (const piece of pieces) insert.run(piece);
  })();
}
