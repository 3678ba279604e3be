import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Capture, captures } from './captures.ts';
import { comparisonJson, comparisonText } from './comparison.ts';
import type { BenchOptions, Report } from './input.ts';
import { FINWAIT, programsFor } from './programs.ts';
import { type Program, runRounds, type Series } from './rounds.ts';
import { isMet, targetsOf } from './targets.ts';
import { type Tools, toolsIn } from './tools.ts';

// How fast captures become databases, beside what other programs make of them: whole processes.

/** Runs everybody on every capture, and checks the targets. */
export async function analyze(options: BenchOptions): Promise<Report> {
  const folder = mkdtempSync(join(options.folder, 'out-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const tools = toolsIn(folder);
  const measured = new Map<string, Series[]>();
  const leftOut: string[] = [];
  for (const capture of captures(options)) {
    const programs = chosen(capture, tools, options.only);
    if (programs.length === 0) continue;
    await capture.make();
    await capture.grown?.make();
    const series = await runRounds(programs, options, (round) => say(capture.name, round, options.runs));
    for (const { name, samples, failure } of series) {
      if (name === FINWAIT && failure !== undefined) throw new Error(failure);
      const reason = failure ?? (samples.length === 0 ? 'not run' : undefined);
      if (reason !== undefined) leftOut.push(`${name} on ${capture.name}: ${inOneLine(reason)}`);
    }
    measured.set(capture.name, series);
  }
  const targets = targetsOf(measured);
  const { packets, seed, runs, slowRuns } = options;
  const settings = { packets, seed, runs, slowRuns };
  const comparison = { settings, measured, targets, leftOut: [...tools.missing, ...leftOut] };
  return {
    text: comparisonText(comparison),
    json: comparisonJson(comparison),
    isMet: targets.every(isMet),
  };
}

/** Those programs whose name after the capture's, as in `tiny: argus`, is wanted; and finwait to compare with. */
function chosen(capture: Capture, tools: Tools, only: RegExp): Program[] {
  const programs = programsFor(capture, tools);
  const isWanted = (name: string) => only.test(`${capture.name}: ${name}`);
  if (!programs.some(({ name }) => isWanted(name))) return [];
  return programs.filter(({ name }) => name === FINWAIT || isWanted(name));
}

function say(capture: string, round: number, runs: number): void {
  process.stderr.write(`bench: ${capture}: ${round < 0 ? 'warming up' : `run ${round + 1} of ${runs}`}\n`);
}

function inOneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}
