import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTimed } from './process.ts';

/** What every bench is told. */
export interface BenchOptions {
  flows: number;
  seed: number;
  /** Times that everything is run. */
  runs: number;
  /** Where captures and databases go. */
  folder: string;
  /** Only what has such a name is run. */
  only: RegExp;
}

/** The compiled program. */
export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const GENERATE = fileURLToPath(new URL('../generate.ts', import.meta.url));

/** A capture of so many flows of 11 packets, 1000 at once; one that is there already has the same bytes. */
export async function makeCapture({ flows, seed, folder }: BenchOptions): Promise<string> {
  const path = join(folder, `flows-${flows}-seed-${seed}.pcap`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  process.stderr.write(`bench: generating a capture of ${flows} flows\n`);
  const partial = `${path}.partial`;
  const tsx = ['--import', import.meta.resolve('tsx')];
  await runTimed(process.execPath, [
    ...[...tsx, GENERATE, partial],
    ...['--flows', `${flows}`, '--seed', `${seed}`, '--shape', 'tiny'],
  ]);
  renameSync(partial, path);
  return path;
}

/** Analyzes a capture into a database beside it, always anew: the program may have changed. */
export async function makeDatabase(capture: string): Promise<string> {
  process.stderr.write('bench: analyzing it\n');
  const database = capture.replace(/\.pcap$/, '.sqlite');
  rmSync(database, { force: true });
  await runTimed(process.execPath, [MAIN, 'analyze', capture, '--db', database]);
  return database;
}
