import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { peakMemory, runTimed } from '../../scripts/bench/process.ts';
import { asJson, asTable, isOver, measure, type Result, summary } from '../../scripts/bench/results.ts';
import { queryNames } from '../../src/report/named-query.ts';
import { temporaryFolder } from '../record/database.ts';
import { ROOT } from '../terminal/finwait.ts';

const SETTINGS = { flows: 10, seed: 1, runs: 3 };

function bench(...words: string[]) {
  const args = ['--import', 'tsx', join(ROOT, 'scripts', 'bench.ts'), ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

const result = (changes: Partial<Result>): Result => ({
  name: 'a',
  medianMs: 1,
  fastestMs: 1,
  slowestMs: 1,
  memory: null,
  limitMs: null,
  ...changes,
});

describe('a result', () => {
  it.each([
    [[5, 1, 9], 5],
    [[4, 1, 9, 6], 5],
    [[7], 7],
  ])('of the times %j has the median %d', (times, median) => {
    expect(summary(times)).toEqual({
      medianMs: median,
      fastestMs: Math.min(...times),
      slowestMs: Math.max(...times),
    });
  });

  it('is over only where its median is over its limit', () => {
    expect(isOver(result({ medianMs: 301, limitMs: 300 }))).toBe(true);
    expect(isOver(result({ medianMs: 300, slowestMs: 900, limitMs: 300 }))).toBe(false);
    expect(isOver(result({ medianMs: 9999 }))).toBe(false);
  });

  it('says ok, over, or nothing where there is no limit', () => {
    const results = [
      result({ name: 'slow', medianMs: 301, limitMs: 300 }),
      result({ name: 'fast', limitMs: 300, memory: 50 * 2 ** 20 }),
      result({ name: 'free' }),
    ];
    const lines = asTable(results, SETTINGS).split('\n');
    expect(lines.find((line) => line.startsWith('slow'))).toMatch(/301 ms .* 300 ms {2}over$/);
    expect(lines.find((line) => line.startsWith('fast'))).toMatch(/50 MiB {2}300 ms {2}ok$/);
    expect(lines.find((line) => line.startsWith('free'))).toMatch(/1 ms *$/);
    expect(JSON.parse(asJson(results, SETTINGS)).results.map(({ over }: { over: boolean }) => over)).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('a process', () => {
  it('has a peak of memory that holds what it needed', async () => {
    const bare = await peakMemory(process.execPath, ['-e', '0']);
    const large = await peakMemory(process.execPath, ['-e', 'Buffer.alloc(200 * 2 ** 20, 1)']);
    expect(large! - bare!).toBeGreaterThan(190 * 2 ** 20);
    expect(large! - bare!).toBeLessThan(230 * 2 ** 20);
  });

  it('counts with its children', async () => {
    const bare = await peakMemory(process.execPath, ['-e', '0']);
    const spawning = "require('node:child_process').spawnSync(process.execPath, ['-e', '0'])";
    expect(await peakMemory(process.execPath, ['-e', spawning])).toBeGreaterThan(1.8 * bare!);
  });

  it('has no such peak where it is not of Node.js', async () => {
    expect(await peakMemory('true', [])).toBeNull();
  });

  it('that fails stops the bench, with what it said', async () => {
    const failing = ['-e', 'console.error("no such thing"); process.exit(3)'];
    await expect(runTimed(process.execPath, failing)).rejects.toThrow(/exit 3\nno such thing/);
  });

  it('runs as often as asked, after one run to warm up', async () => {
    const file = join(temporaryFolder(), 'runs');
    const words = ['-c', `echo run >> ${file}`];
    await measure([{ name: 'sh', program: 'sh', words, limitMs: null }], 3);
    expect(spawnSync('wc', ['-l', file], { encoding: 'utf8' }).stdout).toMatch(/^4 /);
  });
});

describe('the bench', () => {
  it('of questions asks every command and every named query, and reuses its capture', {
    timeout: 180_000,
  }, () => {
    const folder = temporaryFolder();
    const words = ['questions', '--flows', '2000', '--runs', '1', '--folder', folder];
    const { code, stdout, stderr } = bench(...words, '--json');
    // How soon depends on the machine; everything has to answer.
    expect([0, 1], stderr).toContain(code);
    const { results, flows, cores } = JSON.parse(stdout);
    expect({ flows, cores: cores > 0 }).toEqual({ flows: 2000, cores: true });
    const names: string[] = results.map(({ name }: { name: string }) => name);
    for (const start of ['node', '--version', 'states --at', 'states --every', 'flows', 'show', 'report']) {
      expect(names.filter((name) => name.startsWith(start))).not.toEqual([]);
    }
    expect(names.filter((name) => name.startsWith('query '))).toEqual(
      queryNames().map((name) => `query ${name}`),
    );
    for (const row of results) {
      expect(row.fastest_ms, row.name).toBeGreaterThan(0);
      expect(row.slowest_ms, row.name).toBeGreaterThanOrEqual(row.fastest_ms);
    }
    const again = bench(...words, '--only', '^states --at start$');
    expect(again.stderr).not.toContain('generating');
    expect(again.stdout).toMatch(/^states --at start .* ms {2}(ok|over)$/m);
  });

  it.each([
    [[]],
    [['nonsense']],
    [['questions', '--runs', 'x']],
    [['questions', '--flows', '0']],
    [['analyze', '--packets', '0']],
    [['analyze', '--slow-runs', 'x']],
  ])('says how it is used where it is not: %j', (words) => {
    const { code, stderr } = bench(...words);
    expect(code).toBe(2);
    expect(stderr).toContain('usage: bench.ts');
  });
});
