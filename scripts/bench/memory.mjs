// Preloaded into the processes of a bench: each writes at its exit what memory it had at most, in KiB.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const STATUS = '/proc/self/status';

if (isMainThread) process.on('exit', () => appendFileSync(process.env.BENCH_MEMORY, `${peak()}\n`));

/** getrusage() of Linux also counts what a parent had before exec(); VmHWM is the program's own. */
function peak() {
  if (!existsSync(STATUS)) return process.resourceUsage().maxRSS;
  return /VmHWM:\s*(\d+) kB/.exec(readFileSync(STATUS, 'utf8'))[1];
}
