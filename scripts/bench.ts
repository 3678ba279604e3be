// Measures the whole program, process by process:
//   npm run bench -- analyze [--packets N] [--runs N] [--slow-runs N] [--seed N] [--folder DIR] [--only REGEX] [--json]
//   npm run bench -- questions [--flows N] [--runs N] [--seed N] [--folder DIR] [--only REGEX] [--json]
// A limit that is not kept makes the exit code 1.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { analyze } from './bench/analyze.ts';
import type { BenchOptions, Report } from './bench/input.ts';
import { questions } from './bench/questions.ts';

const BENCHES: Record<string, (options: BenchOptions) => Promise<Report>> = { analyze, questions };

const USAGE = `usage: bench.ts ${Object.keys(BENCHES).join('|')} [options]
  --packets N    packets of each capture to analyze, about (2000000)
  --flows N      flows of the capture to ask questions of (1000000)
  --seed N       (1)
  --runs N       times that everything is run, after one run to warm up (5)
  --slow-runs N  times that tcptrace and tshark are run (as --runs)
  --only REGEX   only what has such a name; of analyze as in "tiny: argus"
  --folder DIR   where captures are kept and found again; without it, a temporary folder
  --json         print JSON`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    packets: { type: 'string', default: '2000000' },
    flows: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '5' },
    'slow-runs': { type: 'string' },
    only: { type: 'string', default: '' },
    folder: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const bench = BENCHES[positionals[0] ?? ''];
const numbers = {
  packets: Number(values.packets),
  flows: Number(values.flows),
  seed: Number(values.seed),
  runs: Number(values.runs),
  slowRuns: Number(values['slow-runs'] ?? values.runs),
};
const wrong =
  !Object.values(numbers).every(Number.isSafeInteger) ||
  Math.min(numbers.packets, numbers.flows, numbers.runs) < 1;
if (bench === undefined || positionals.length > 1 || wrong) {
  console.error(USAGE);
  process.exit(2);
}

const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'finwait-bench-'));
mkdirSync(folder, { recursive: true });
if (values.folder === undefined) process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.on('SIGINT', () => process.exit(130));
try {
  const { text, json, isMet } = await bench({ ...numbers, folder, only: new RegExp(values.only) });
  console.log(values.json ? json : text);
  if (!isMet) process.exitCode = 1;
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
