import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Capture, GROWTH } from './captures.ts';
import { MAIN } from './input.ts';
import { PEERS } from './peers.ts';
import { output } from './process.ts';
import type { Program, Sample } from './rounds.ts';
import type { Tools } from './tools.ts';

// What is run on a capture: finwait, its peers, and what nothing can be faster than.

/** Names that the targets speak of. */
export const FINWAIT = 'finwait';
export const TRACKING = 'finwait --no-db';
export const READING = 'cat';
export const STARTING = 'node -e 0';
export const LIMIT = 'rows: SQLite in C';
export const WRITING = 'rows: finwait';
export const GROWN = `finwait, ${GROWTH} times the packets`;

const WRITING_SCRIPT = fileURLToPath(new URL('writing.ts', import.meta.url));

/** The programs for a capture, without those that this machine does not have. */
export function programsFor(capture: Capture, tools: Tools): Program[] {
  return [
    ...ourPrograms(capture, tools),
    ...peerPrograms(capture, tools),
    whole(READING, tools, [['cat', capture.path]]),
    whole(STARTING, tools, [[process.execPath, '-e', '0']]),
    ...(capture.hasRows ? rowPrograms(capture, tools) : []),
  ];
}

function ourPrograms({ path, grown }: Capture, tools: Tools): Program[] {
  const analyze = (file: string, ...words: string[]) => [
    [process.execPath, MAIN, 'analyze', '-q', file, ...words],
  ];
  const database = databaseIn(tools);
  const programs = [
    whole(FINWAIT, tools, analyze(path, '--db', database), database),
    whole(TRACKING, tools, analyze(path, '--no-db')),
  ];
  if (grown !== undefined) {
    const other = join(tools.folder, 'grown.sqlite');
    programs.push(whole(GROWN, tools, analyze(grown.path, '--db', other), other));
  }
  return programs;
}

function peerPrograms({ path, peers }: Capture, tools: Tools): Program[] {
  const out = join(tools.folder, 'peer.out');
  return peers
    .filter((name) => tools.peers.includes(name))
    .map((name) => ({
      ...whole(name, tools, PEERS[name]!.stages(path, out), out),
      slow: PEERS[name]!.slow,
    }));
}

/** The same rows, written by SQLite in C and by us: each says itself how many seconds that took. */
function rowPrograms({ path }: Capture, tools: Tools): Program[] {
  if (tools.limit === undefined) return [];
  const out = join(tools.folder, 'rows.sqlite');
  const program = (name: string, words: readonly string[]): Program => ({
    name,
    async run() {
      rmSync(out, { force: true });
      const seconds = await output(words[0]!, words.slice(1));
      return { ms: Number(seconds) * 1000, cpuMs: null, peak: null };
    },
  });
  const tsx = ['--import', import.meta.resolve('tsx')];
  return [
    program(LIMIT, [tools.limit, databaseIn(tools), out]),
    program(WRITING, [process.execPath, ...tsx, WRITING_SCRIPT, path, out]),
  ];
}

/** A whole process or pipe; the file that it writes is taken away before. */
function whole(name: string, { measure }: Tools, stages: readonly string[][], writes?: string): Program {
  const words = stages.flatMap((stage, i) => (i === 0 ? stage : ['|', ...stage]));
  return {
    name,
    async run() {
      if (writes !== undefined) rmSync(writes, { force: true });
      return JSON.parse(await output(measure, words)) as Sample;
    },
  };
}

function databaseIn({ folder }: Tools): string {
  return join(folder, 'finwait.sqlite');
}
