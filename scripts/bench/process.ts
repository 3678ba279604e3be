import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const PRELOAD = new URL('memory.mjs', import.meta.url).href;

/** Runs a program, its output thrown away; milliseconds from start to exit. Rejects where it fails. */
export async function runTimed(
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const start = performance.now();
  const child = spawn(program, words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const said = text(child.stderr);
  const [code, signal] = await once(child, 'exit');
  const ms = performance.now() - start;
  if (code !== 0) {
    throw new Error(`${[program, ...words].join(' ')}: exit ${code ?? signal}\n${await said}`);
  }
  return ms;
}

/** Runs a program; what it printed. Rejects where it fails. */
export async function output(program: string, words: readonly string[]): Promise<string> {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [printed, said, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (code === 0) return printed;
  throw new Error(`${[program, ...words].join(' ')}: exit ${code ?? signal}\n${said}`);
}

/**
 * Runs a program once more to see its memory: the peak of each of its Node.js processes, added up, in
 * bytes; null where it has none.
 */
export async function peakMemory(program: string, words: readonly string[]): Promise<number | null> {
  const folder = mkdtempSync(join(tmpdir(), 'finwait-bench-'));
  const file = join(folder, 'memory');
  const options = `${process.env.NODE_OPTIONS ?? ''} --import=${PRELOAD}`;
  try {
    await runTimed(program, words, { ...process.env, NODE_OPTIONS: options, BENCH_MEMORY: file });
    if (!existsSync(file)) return null;
    const peaks = readFileSync(file, 'utf8').trimEnd().split('\n').map(Number);
    return peaks.reduce((sum, kib) => sum + kib * 1024, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
