import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { FlowWriter } from '../../../src/record/flow-writer.ts';
import { type Ladder, readLadder } from '../../../src/report/ladder/ladder.ts';
import { ladderText } from '../../../src/report/ladder/text.ts';
import { styles } from '../../../src/report/style.ts';
import { analyze } from '../../../src/run/pipeline.ts';
import { type RunOptions, run, type Step } from '../../flow/script.ts';
import { captureOf } from '../../record/batches.ts';
import { opened, temporaryFolder } from '../../record/database.ts';

/** The database of some captures, read as one. */
export async function databaseOfCaptures(paths: readonly string[]): Promise<Database.Database> {
  const target = join(temporaryFolder(), 'test.sqlite');
  await analyze([...paths], { target, append: false, timeWait: undefined });
  return opened(target);
}

/** The database of a script of segments (test/flow/script.ts). */
export function databaseOfScript(
  script: string | readonly Step[],
  options: RunOptions = {},
  captures = [captureOf({ path: 'script.pcap' })],
): Database.Database {
  const path = join(temporaryFolder(), 'script.sqlite');
  const writer = new FlowWriter(path);
  run(script, {
    ...options,
    onBatch: (batch) => {
      writer.write(batch);
      return undefined;
    },
  });
  writer.finish(captures);
  return opened(path);
}

/** All ladders of a database. */
export function laddersOf(db: Database.Database): Ladder[] {
  const ids = db.prepare<[], number>('SELECT id FROM flows ORDER BY id').pluck().all();
  return ids.map((id) => readLadder(db, id)!);
}

/** A ladder as it is printed where there is no terminal. */
export function textOf(ladder: Ladder, options: { width?: number; ascii?: boolean } = {}): string {
  return ladderText(ladder, { utc: true, style: styles(false), width: 80, ascii: false, ...options });
}
