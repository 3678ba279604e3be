import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Capture, GROWTH } from './captures.ts';
import { MAIN } from './input.ts';
import { output } from './process.ts';
import type { Program, Sample } from './rounds.ts';

// What is run on a capture: finwait, its peers, what one does today without it, and the limits.

/** Names that the targets speak of. */
export const FINWAIT = 'finwait';
export const TRACKING = 'finwait --no-db';
export const ARGUS = 'argus';
export const TCPTRACE = 'tcptrace';
export const TSHARK = 'tshark conv,tcp';
export const READING = 'cat';
export const STARTING = 'node -e 0';
export const LIMIT = 'rows: SQLite in C';
export const WRITING = 'rows: finwait';
export const GROWN = `finwait, ${GROWTH} times the packets`;

/** What the programs need besides the capture. */
export interface Tools {
  /** The compiled measure.c. */
  measure: string;
  /** The compiled limit.c. */
  limit: string | undefined;
  /** Where they write. */
  folder: string;
  /** Names of what is missing on this machine. */
  missing: string[];
}

const WRITING_SCRIPT = fileURLToPath(new URL('writing.ts', import.meta.url));
/** libpcap's tcp[...] is of IPv4 only. */
const CLOSES = 'tcp[tcpflags] & (tcp-fin|tcp-rst) != 0 or (ip6[6] = 6 and ip6[53] & 5 != 0)';
/** What it takes to find closes with SQL. */
const FIELDS = [
  'frame.number',
  'frame.time_epoch',
  'ip.src',
  'ipv6.src',
  'tcp.srcport',
  'ip.dst',
  'ipv6.dst',
];
const TCP_FIELDS = ['tcp.dstport', 'tcp.flags', 'tcp.seq_raw', 'tcp.ack_raw', 'tcp.len', 'tcp.stream'];

/** The programs for a capture; those of peers that are missing are left out, by name in `tools.missing`. */
export function programsFor(capture: Capture, tools: Tools): Program[] {
  const { path, peers, grown } = capture;
  const out = (name: string) => join(tools.folder, name);
  const database = out('finwait.sqlite');
  const whole = (name: string, stages: string[][], written: string[] = [], slow = false): Program => ({
    name,
    slow,
    run: () => runMeasured(tools.measure, stages, written),
  });
  const finwait = (name: string, file: string, ...words: string[]): Program =>
    whole(name, [[process.execPath, MAIN, 'analyze', '-q', file, ...words]], words.slice(1));
  const fields = [...FIELDS, ...TCP_FIELDS].flatMap((field) => ['-e', field]);
  const tsv = ['-T', 'fields', '-E', 'separator=,', '-E', 'header=y', ...fields];
  const imported = out('tshark.sqlite');
  const table = ['sqlite3', imported, '.mode csv', '.import /dev/stdin segments'];

  const ours = [finwait(FINWAIT, path, '--db', database)];
  if (grown !== undefined) ours.push(finwait(GROWN, grown.path, '--db', out('grown.sqlite')));
  if (hasTracking()) ours.push(finwait(TRACKING, path, '--no-db'));
  else note(tools, `${TRACKING}: there is no such option`);
  const named: Record<string, Program> = {
    tcpdump: whole('tcpdump', [['tcpdump', '-n', '-r', path, CLOSES]]),
    argus: whole(ARGUS, [['argus', '-r', path, '-w', out('argus.out')]], [out('argus.out')]),
    tcptrace: whole(TCPTRACE, [['tcptrace', '-n', '-l', path]], [], true),
    tshark: whole(TSHARK, [['tshark', '-n', '-r', path, '-q', '-z', 'conv,tcp']], [], true),
    sqlite3: whole('tshark | sqlite3', [['tshark', '-n', '-r', path, ...tsv], table], [imported], true),
  };
  const theirs = Object.entries(named).flatMap(([program, run]) => {
    if (!peers.includes(program)) return [];
    if (isInstalled(program)) return [run];
    note(tools, program);
    return [];
  });
  const limits = [whole(READING, [['cat', path]]), whole(STARTING, [[process.execPath, '-e', '0']])];
  if (capture.hasRows) limits.push(...writing(path, database, tools));
  return [...ours, ...theirs, ...limits];
}

/** The same rows, written by SQLite in C and by us: each says itself how long that took. */
function writing(path: string, database: string, { limit, folder }: Tools): Program[] {
  if (limit === undefined) return [];
  const into = join(folder, 'rows.sqlite');
  const tsx = ['--import', import.meta.resolve('tsx')];
  const asSample = (text: string): Sample => ({ ms: Number(text) * 1000, cpuMs: null, peak: null });
  const program = (name: string, file: string, ...words: string[]): Program => ({
    name,
    async run() {
      rmSync(into, { force: true });
      return asSample(await output(file, words));
    },
  });
  return [
    program(LIMIT, limit, database, into),
    program(WRITING, process.execPath, ...tsx, WRITING_SCRIPT, path, into),
  ];
}

async function runMeasured(
  measure: string,
  stages: readonly string[][],
  written: readonly string[],
): Promise<Sample> {
  for (const path of written) rmSync(path, { force: true });
  const words = stages.flatMap((stage, i) => (i === 0 ? stage : ['|', ...stage]));
  return JSON.parse(await output(measure, words)) as Sample;
}

function hasTracking(): boolean {
  const { stdout } = spawnSync(process.execPath, [MAIN, 'analyze', '--help'], { encoding: 'utf8' });
  return stdout.includes('--no-db');
}

function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

function note({ missing }: Tools, name: string): void {
  if (!missing.includes(name)) missing.push(name);
}
