import { cpus } from 'node:os';
import { tableLines } from '../../src/report/table.ts';
import type { BenchOptions } from './input.ts';
import { peakMemory, runTimed } from './process.ts';
import { median } from './rounds.ts';

/** Something to measure: a program and its words. */
export interface Case {
  name: string;
  program: string;
  words: readonly string[];
  /** The most that the median may be, in milliseconds; null where there is no limit. */
  limitMs: number | null;
}

/** What was measured of it; times in milliseconds, memory in bytes. */
export interface Result {
  name: string;
  medianMs: number;
  fastestMs: number;
  slowestMs: number;
  /** Null where it is no Node.js program. */
  memory: number | null;
  limitMs: number | null;
}

/** Runs every case once to warm up and see its memory, then all of them in turn, `rounds` times. */
export async function measure(cases: readonly Case[], runs: number): Promise<Result[]> {
  const measured = cases.map((one) => ({ ...one, times: [] as number[], memory: null as number | null }));
  for (const one of measured) one.memory = await peakMemory(one.program, one.words);
  for (let run = 0; run < runs; run++) {
    process.stderr.write(`bench: run ${run + 1} of ${runs}\n`);
    for (const one of measured) one.times.push(await runTimed(one.program, one.words));
  }
  return measured.map(({ name, times, memory, limitMs }) => ({ name, ...summary(times), memory, limitMs }));
}

/** Median, fastest and slowest of some times. */
export function summary(times: readonly number[]): Pick<Result, 'medianMs' | 'fastestMs' | 'slowestMs'> {
  return { medianMs: median(times), fastestMs: Math.min(...times), slowestMs: Math.max(...times) };
}

/** Whether its median is over its limit. */
export function isOver({ medianMs, limitMs }: Result): boolean {
  return limitMs !== null && medianMs > limitMs;
}

type Settings = Pick<BenchOptions, 'flows' | 'seed' | 'runs'>;

const HEAD = ['', 'median', 'fastest', 'slowest', 'memory', 'limit', ''];

/** For people: times in milliseconds, memory in MiB, and `ok` or `over` where there is a limit. */
export function asTable(results: readonly Result[], { flows, runs }: Settings): string {
  const rows = results.map((result) => {
    const { name, medianMs, fastestMs, slowestMs, memory, limitMs } = result;
    const times = [medianMs, fastestMs, slowestMs].map((ms) => `${ms.toFixed(0)} ms`);
    const mib = memory === null ? '' : `${(memory / 2 ** 20).toFixed(0)} MiB`;
    if (limitMs === null) return [name, ...times, mib, '', ''];
    return [name, ...times, mib, `${limitMs} ms`, isOver(result) ? 'over' : 'ok'];
  });
  const right = HEAD.map((_, i) => i > 0 && i < 6);
  const about = `${flows} flows, ${runs} runs, Node.js ${process.version}, ${cpus().length} cores`;
  return [about, '', ...tableLines(rows, { head: HEAD, right })].join('\n');
}

/** For programs; times in milliseconds, memory in bytes. */
export function asJson(results: readonly Result[], settings: Settings): string {
  const rows = results.map((result) => ({
    name: result.name,
    median_ms: result.medianMs,
    fastest_ms: result.fastestMs,
    slowest_ms: result.slowestMs,
    memory_bytes: result.memory,
    limit_ms: result.limitMs,
    over: isOver(result),
  }));
  return JSON.stringify({ ...settings, node: process.version, cores: cpus().length, results: rows }, null, 2);
}
