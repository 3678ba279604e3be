// Measures the whole program, process by process:
//   npm run bench -- questions [--flows N] [--runs N] [--seed N] [--folder DIR] [--only REGEX] [--json]
// A result over its limit makes the exit code 1.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchOptions } from './bench/input.ts';
import { questions } from './bench/questions.ts';
import { asJson, asTable, isOver, type Result } from './bench/results.ts';

const BENCHES: Record<string, (options: BenchOptions) => Promise<Result[]>> = { questions };

const USAGE = `usage: bench.ts ${Object.keys(BENCHES).join('|')} [options]
  --flows N     flows of the generated capture (1000000)
  --seed N      (1)
  --runs N      times that everything is run, after one run to warm up (5)
  --only REGEX  only what has such a name
  --folder DIR  where the capture is kept and found again; without it, a temporary folder
  --json        print JSON`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    flows: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    folder: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const bench = BENCHES[positionals[0] ?? ''];
const numbers = { flows: Number(values.flows), seed: Number(values.seed), runs: Number(values.runs) };
const wrong = !Object.values(numbers).every(Number.isSafeInteger) || numbers.flows < 1 || numbers.runs < 1;
if (bench === undefined || positionals.length > 1 || wrong) {
  console.error(USAGE);
  process.exit(2);
}

const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'finwait-bench-'));
if (values.folder === undefined) process.on('exit', () => rmSync(folder, { recursive: true }));
process.on('SIGINT', () => process.exit(130));
const results = await bench({ ...numbers, folder, only: new RegExp(values.only) });
console.log(values.json ? asJson(results, numbers) : asTable(results, numbers));
if (results.some(isOver)) process.exitCode = 1;
