import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { comparisonJson, comparisonText } from '../../scripts/bench/comparison.ts';
import { compile } from '../../scripts/bench/compile.ts';
import { output } from '../../scripts/bench/process.ts';
import {
  median,
  type Program,
  ratio,
  runRounds,
  type Sample,
  type Series,
} from '../../scripts/bench/rounds.ts';
import { compareRelation } from '../../scripts/bench/same/compare.ts';
import { Contents } from '../../scripts/bench/same/contents.ts';
import { isMet, type Target, targetsOf } from '../../scripts/bench/targets.ts';
import { temporaryFolder, writeDatabase } from '../record/database.ts';
import { ROOT } from '../terminal/finwait.ts';

const sample = (ms: number, peak: number | null = null): Sample => ({ ms, cpuMs: null, peak });
const series = (name: string, ...times: number[]): Series => ({
  name,
  samples: times.map((ms) => sample(ms)),
  failure: undefined,
});

describe('rounds', () => {
  const ran: string[] = [];
  const program = (name: string, changes: Partial<Program> = {}): Program => ({
    name,
    run: async () => {
      ran.push(name);
      return sample(ran.length);
    },
    ...changes,
  });

  it('run every program once in each, beginning with another one each time, after one to warm up', async () => {
    ran.length = 0;
    const [a] = await runRounds(
      ['a', 'b', 'c'].map((name) => program(name)),
      { runs: 3, slowRuns: 3 },
    );
    expect(ran.join('')).toBe('abc' + 'abc' + 'bca' + 'cab');
    expect(a!.samples.map(({ ms }) => ms)).toEqual([4, 9, 11]);
  });

  it('run slow programs less often, and do not warm them up', async () => {
    ran.length = 0;
    const programs = [program('a'), program('s', { slow: true })];
    const [, slow] = await runRounds(programs, { runs: 3, slowRuns: 1 });
    expect(ran.filter((name) => name === 's')).toHaveLength(1);
    expect(slow!.samples).toHaveLength(1);
  });

  it('go on without a program that fails, and keep what it said', async () => {
    ran.length = 0;
    const failing = program('f', { run: () => Promise.reject(new Error('no such format')) });
    const [f, a] = await runRounds([failing, program('a')], { runs: 2, slowRuns: 2 });
    expect(f).toEqual({ name: 'f', samples: [], failure: 'no such format' });
    expect(a!.samples).toHaveLength(2);
  });

  it('compare two programs round by round', () => {
    expect(ratio(series('a', 10, 100, 30), series('b', 1, 100, 10))).toBe(3);
    expect(ratio(series('a', 10, 40), series('b', 5))).toBe(2);
    expect(ratio(series('a'), series('b', 5))).toBeNaN();
    expect(median([3, 1, 2, 10])).toBe(2.5);
  });
});

describe('the targets', () => {
  const value = (measured: [string, Series[]][], text: RegExp): Target =>
    targetsOf(new Map(measured)).find((target) => text.test(target.text))!;

  it('are of what was measured only', () => {
    expect(targetsOf(new Map())).toEqual([]);
    const tiny = [series('finwait', 1), series('argus', 3)];
    expect(targetsOf(new Map([['tiny', tiny]])).map(({ text }) => text)).toEqual([
      'tiny: times as fast as argus',
      'tiny: peak memory in MB',
    ]);
  });

  it.each([
    [[2.9], false],
    [[3], true],
    // The median of the rounds, not of the times.
    [[9, 9, 1, 1, 1], false],
  ])('hold finwait to three times the speed of argus: %j', (times, met) => {
    const tiny = [series('finwait', ...times.map(() => 1)), series('argus', ...times)];
    expect(isMet(value([['tiny', tiny]], /argus/))).toBe(met);
  });

  it('add reading and starting up, round by round', () => {
    const long = [series('finwait', 30, 60), series('cat', 5, 10), series('node -e 0', 5, 30)];
    expect(value([['long', long]], /cat and node/)).toMatchObject({ value: (3 + 1.5) / 2, limit: 3 });
  });

  it('count the time for each packet where there are twenty times as many', () => {
    const grow = [series('finwait', 100), series('finwait, 20 times the packets', 2200)];
    expect(value([['grow', grow]], /each packet/).value).toBeCloseTo(1.1);
  });

  it('take the most memory of any run', () => {
    const concurrent = { name: 'finwait', samples: [sample(1, 5e8), sample(1, 7e8)], failure: undefined };
    const target = value([['concurrent', [concurrent]]], /concurrent.*memory/);
    expect(target).toMatchObject({ value: 700, limit: 600 });
    expect(isMet(target)).toBe(false);
  });
});

describe('what is printed', () => {
  const argus: Series = {
    name: 'argus',
    samples: [
      { ms: 3000, cpuMs: 900, peak: 50e6 },
      { ms: 5000, cpuMs: 1100, peak: 70e6 },
    ],
    failure: undefined,
  };
  const tiny = [series('finwait', 1000, 1000), argus, { ...series('tcptrace'), failure: 'exit 1' }];
  const measured = new Map([['tiny', tiny]]);
  const comparison = {
    settings: { packets: 10, runs: 2 },
    measured,
    targets: targetsOf(measured),
    leftOut: ['tshark'],
  };

  it('has a line a program, those that were left out by name, and every target', () => {
    const text = comparisonText(comparison);
    expect(text).toMatch(/^packets 10, runs 2, Node\.js v/);
    expect(text).toMatch(/^ {2}argus +4000 ms +3000 ms +5000 ms +1000 ms +70 MB +4\.00 +2$/m);
    expect(text).not.toContain('tcptrace');
    expect(text).toMatch(/^left out\n {2}tshark$/m);
    expect(text).toMatch(/^tiny: times as fast as argus +at least 3 +4\.00 +met$/m);
  });

  it('is the same as JSON', () => {
    const { packets, captures, left_out, targets } = JSON.parse(comparisonJson(comparison));
    expect({ packets, left_out }).toEqual({ packets: 10, left_out: ['tshark'] });
    expect(captures[0].programs[1]).toEqual({
      name: 'argus',
      median_ms: 4000,
      fastest_ms: 3000,
      slowest_ms: 5000,
      cpu_ms: 1000,
      memory_bytes: 70e6,
      times_finwait: 4,
      runs: 2,
    });
    expect(targets[0]).toMatchObject({ bound: 'least', limit: 3, value: 4, met: true });
  });
});

const tools = mkdtempSync(join(tmpdir(), 'finwait-tools-'));
afterAll(() => rmSync(tools, { recursive: true }));
const measure = compile('measure', tools);
const limit = compile('limit', tools, ['-lsqlite3']);
const isMissing = (tool: object) => process.env.CI !== 'true' && 'missing' in tool;
const pathOf = (tool: { path: string } | { missing: string }) => ('path' in tool ? tool.path : tool.missing);

describe.skipIf(isMissing(measure))('measure.c (skipped where there is no C compiler)', () => {
  const measured = async (...words: string[]) =>
    JSON.parse(await output(pathOf(measure), words)) as Sample & { cpuMs: number; peak: number };
  const node = (code: string) => [process.execPath, '-e', code];

  it('knows time, processor time and memory of a program', async () => {
    const bare = await measured(...node('0'));
    const large = await measured(...node('Buffer.alloc(200 * 2 ** 20, 1)'));
    expect(large.peak - bare.peak).toBeGreaterThan(190 * 2 ** 20);
    expect(large.peak - bare.peak).toBeLessThan(230 * 2 ** 20);
    const waiting = await measured('sleep', '0.3');
    expect(waiting.ms).toBeGreaterThanOrEqual(300);
    expect(waiting.cpuMs).toBeLessThan(100);
  });

  it('adds up what the programs of a pipe need', async () => {
    const bare = await measured(...node('0'));
    const two = await measured(...node('console.log(1)'), '|', ...node('process.stdin.resume()'));
    expect(two.peak).toBeGreaterThan(1.7 * bare.peak);
    expect(two.cpuMs).toBeGreaterThan(1.2 * bare.cpuMs);
  });

  it('joins the pipe in order', async () => {
    const file = join(temporaryFolder(), 'sum');
    await measured('seq', '10', '|', 'grep', '1', '|', 'sh', '-c', `wc -l > ${file}`);
    expect(readFileSync(file, 'utf8').trim()).toBe('2');
  });

  it.each([
    [['sh', '-c', 'echo wrong >&2; exit 3'], /exit 3\nwrong/],
    [['false', '|', 'cat'], /exit 1/],
    [['no-such-program'], /exit 127\nno-such-program: No such file/],
    [['sh', '-c', 'kill -9 $$'], /exit 137/],
  ])('fails as a program fails: %j', async (words, said) => {
    await expect(measured(...words)).rejects.toThrow(said);
  });
});

describe.skipIf(isMissing(limit))('limit.c (skipped where there is no C compiler, or no sqlite3.h)', () => {
  it('makes a database that is the same, and says how long that took', async () => {
    const folder = temporaryFolder();
    const [from, to] = [join(folder, 'from.sqlite'), join(folder, 'to.sqlite')];
    writeDatabase(from, [{ history: 'ShF' }, { columns: { close_kind: 'fin' } }]);
    expect(Number(await output(pathOf(limit), [from, to]))).toBeGreaterThan(0);
    const [a, b] = [new Contents(from), new Contents(to)];
    expect(a.names.flatMap((name) => compareRelation(name, a, b) ?? [])).toEqual([]);
    a.close();
    b.close();
  });
});

describe.skipIf(isMissing(measure))('the bench of analyze (skipped where there is no C compiler)', () => {
  it('makes its captures, runs what is asked for, and keeps nothing but the captures', {
    timeout: 120_000,
  }, () => {
    const folder = temporaryFolder();
    const bench = join(ROOT, 'scripts', 'bench.ts');
    const words = ['analyze', '--packets', '2000', '--runs', '1', '--folder', folder, '--json'];
    const only = '^(tiny|gzip|grow): (finwait|cat|rows)';
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', bench, ...words, '--only', only],
      { cwd: ROOT, encoding: 'utf8' },
    );
    // How soon depends on the machine.
    expect([0, 1], stderr).toContain(status);
    const { captures, targets } = JSON.parse(stdout);
    expect(captures.map(({ name }: { name: string }) => name)).toEqual(['tiny', 'gzip', 'grow']);
    for (const { name, programs } of captures) {
      expect(programs[0], name).toMatchObject({ name: 'finwait', runs: 1 });
      expect(programs[0].cpu_ms, name).toBeGreaterThan(0);
      expect(programs[0].memory_bytes, name).toBeGreaterThan(30e6);
    }
    const texts = targets.map(({ text }: Target) => text);
    expect(texts).toContain('grow: time for each packet, of 20 times as many');
    expect(texts.filter((text: string) => /argus|tshark/.test(text))).toEqual([]);
    expect(readdirSync(folder).filter((name) => !/^flows-.*\.pcap(ng|\.gz)?$/.test(name))).toEqual([]);
  });
});

describe('without a C compiler', () => {
  it('the bench of analyze says what is missing, and leaves nothing behind', () => {
    const folder = temporaryFolder();
    const bench = join(ROOT, 'scripts', 'bench.ts');
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', bench, 'analyze'], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, PATH: folder, TMPDIR: folder },
    });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'bench: cannot measure: there is no C compiler (Debian: gcc)\n',
    });
    expect(readdirSync(folder).filter((name) => name.startsWith('finwait'))).toEqual([]);
  });
});
