import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { afterEach } from 'vitest';
import { FlowWriter } from '../../src/record/flow-writer.ts';
import { openForReading } from '../../src/record/open-database.ts';
import { batchOf, captureOf, type Flow } from './batches.ts';

const folders: string[] = [];
const open: Database.Database[] = [];

afterEach(() => {
  for (const db of open.splice(0)) db.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'finwait-'));
  folders.push(folder);
  return folder;
}

/** Writes a database of some flows, in this thread. */
export function writeDatabase(path: string, flows: readonly Flow[], captures = [captureOf()]): void {
  const writer = new FlowWriter(path);
  writer.write(batchOf(flows));
  writer.finish(captures);
}

/** Writes a database of `count` flows that are alike, a multiple of a thousand. */
export function writeManyFlows(path: string, flow: Flow, count: number): void {
  const writer = new FlowWriter(path);
  const some = new Array<Flow>(1000).fill(flow);
  for (let written = 0; written < count; written += 1000) {
    const batch = batchOf(some);
    if (written > 0) batch.addresses.count = 0;
    writer.write(batch);
  }
  writer.finish([captureOf()]);
}

/** A database of some flows, open for reading until the test ends. */
export function databaseOf(flows: readonly Flow[], captures = [captureOf()]): Database.Database {
  const path = join(temporaryFolder(), 'test.sqlite');
  writeDatabase(path, flows, captures);
  return opened(path);
}

/** The database at a path, open for reading until the test ends. */
export function opened(path: string): Database.Database {
  const db = openForReading(path);
  open.push(db);
  return db;
}
