import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTimed } from './process.ts';

/** The options of every bench. */
export interface BenchOptions {
  /** Of the capture for questions. */
  flows: number;
  /** Of each capture to analyze, about. */
  packets: number;
  seed: number;
  /** Times that everything is run. */
  runs: number;
  /** Times that slow peers are run. */
  slowRuns: number;
  /** Where captures and databases go. */
  folder: string;
  /** Only what has such a name is run. */
  only: RegExp;
}

/** What a bench has to say. */
export interface Report {
  /** For people. */
  text: string;
  /** For programs. */
  json: string;
  /** Whether every limit is kept. */
  isMet: boolean;
}

/** The compiled program. */
export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const GENERATE = fileURLToPath(new URL('../generate.ts', import.meta.url));

/** A capture of the generator. */
export interface Generated {
  path: string;
  /** Makes it where it is not there already: it has the same bytes every time. */
  make(): Promise<void>;
}

/** The generator's capture for these words, by which it is named. */
export function generated(folder: string, words: readonly string[]): Generated {
  const name = words.join(' ').replaceAll('--', '').replaceAll(' ', '-');
  const path = join(folder, `${name}.${words.includes('pcapng') ? 'pcapng' : 'pcap'}`);
  const tsx = ['--import', import.meta.resolve('tsx')];
  return {
    path,
    make: () =>
      makeOnce(path, async (partial) => {
        await runTimed(process.execPath, [...tsx, GENERATE, partial, ...words]);
      }),
  };
}

/** Makes a file, unless it is there: under another name first, so that it is never half a file. */
export async function makeOnce(path: string, make: (partial: string) => Promise<void>): Promise<void> {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  process.stderr.write(`bench: generating ${path}\n`);
  const partial = `${path}.partial`;
  await make(partial);
  renameSync(partial, path);
}

/** A capture of `flows` flows of 11 packets, 1000 at once. */
export async function makeCapture({ flows, seed, folder }: BenchOptions): Promise<string> {
  const { path, make } = generated(folder, ['--flows', `${flows}`, '--seed', `${seed}`, '--shape', 'tiny']);
  await make();
  return path;
}

/** Analyzes a capture into a database beside it, always again: the program may have changed. */
export async function makeDatabase(capture: string): Promise<string> {
  process.stderr.write('bench: analyzing it\n');
  const database = capture.replace(/\.pcap$/, '.sqlite');
  rmSync(database, { force: true });
  await runTimed(process.execPath, [MAIN, 'analyze', capture, '--db', database]);
  return database;
}
