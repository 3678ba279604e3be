import { cpus } from 'node:os';
import { tableLines } from '../../src/report/table.ts';
import { FINWAIT } from './programs.ts';
import { median, ratio, type Series } from './rounds.ts';
import { isMet, type Measured, type Target } from './targets.ts';

/** What the bench has found. */
export interface Comparison {
  settings: Record<string, number>;
  measured: Measured;
  targets: readonly Target[];
  /** What could not be run, and why. */
  leftOut: readonly string[];
}

const HEAD = ['', 'median', 'fastest', 'slowest', 'CPU', 'memory', 'to finwait', 'runs'];

/** For people: times in milliseconds, memory in MB, and how many times as long as finwait it took. */
export function comparisonText({ settings, measured, targets, leftOut }: Comparison): string {
  const lines = [about(settings)];
  for (const [capture, series] of measured) {
    const rows = series.filter(({ samples }) => samples.length > 0).map((one) => rowOf(one, series));
    const right = HEAD.map((_, i) => i > 0);
    lines.push('', capture, ...tableLines(rows, { head: HEAD, right, indent: '  ' }));
  }
  if (leftOut.length > 0) lines.push('', 'left out', ...leftOut.map((what) => `  ${what}`));
  if (targets.length > 0) lines.push('', ...tableLines(targets.map(targetRow), { head: TARGET_HEAD }));
  return lines.join('\n');
}

/** For programs: times in milliseconds, memory in bytes. */
export function comparisonJson({ settings, measured, targets, leftOut }: Comparison): string {
  const captures = [...measured].map(([name, series]) => ({
    name,
    programs: series
      .filter(({ samples }) => samples.length > 0)
      .map((one) => {
        const { medianMs, fastestMs, slowestMs, cpuMs, peak, times } = figures(one, series);
        return {
          name: one.name,
          median_ms: medianMs,
          fastest_ms: fastestMs,
          slowest_ms: slowestMs,
          cpu_ms: cpuMs,
          memory_bytes: peak,
          times_finwait: Number.isNaN(times) ? null : times,
          runs: one.samples.length,
        };
      }),
  }));
  const reached = targets.map((target) => ({ ...target, met: isMet(target) }));
  const machine = { node: process.version, cores: cpus().length };
  return JSON.stringify({ ...settings, ...machine, captures, left_out: leftOut, targets: reached }, null, 2);
}

function about(settings: Record<string, number>): string {
  const said = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  return [...said, `Node.js ${process.version}`, `${cpus().length} cores`].join(', ');
}

function figures(one: Series, all: readonly Series[]) {
  const times = one.samples.map(({ ms }) => ms);
  const finwait = all.find(({ name }) => name === FINWAIT);
  const known = <T>(values: (T | null)[]): T[] => values.filter((value) => value !== null);
  const cpu = known(one.samples.map(({ cpuMs }) => cpuMs));
  const peaks = known(one.samples.map(({ peak }) => peak));
  return {
    medianMs: median(times),
    fastestMs: Math.min(...times),
    slowestMs: Math.max(...times),
    cpuMs: cpu.length === 0 ? null : median(cpu),
    peak: peaks.length === 0 ? null : Math.max(...peaks),
    times: finwait === undefined ? Number.NaN : ratio(one, finwait),
  };
}

function rowOf(one: Series, all: readonly Series[]): string[] {
  const { medianMs, fastestMs, slowestMs, cpuMs, peak, times } = figures(one, all);
  return [
    one.name,
    ...[medianMs, fastestMs, slowestMs].map((ms) => `${ms.toFixed(0)} ms`),
    cpuMs === null ? '' : `${cpuMs.toFixed(0)} ms`,
    peak === null ? '' : `${(peak / 1e6).toFixed(0)} MB`,
    Number.isNaN(times) ? '' : times.toFixed(2),
    `${one.samples.length}`,
  ];
}

const TARGET_HEAD = ['target', 'wanted', 'measured', ''];

function targetRow(target: Target): string[] {
  const { text, limit, bound, value } = target;
  return [text, `at ${bound} ${limit}`, value.toFixed(2), isMet(target) ? 'met' : 'missed'];
}
