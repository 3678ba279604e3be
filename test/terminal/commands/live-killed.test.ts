import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../scripts/generate/random.ts';
import { finwait, ROOT } from '../finwait.ts';
import { ask, captured, integrityOf, LiveRun } from '../live-run.ts';
import { trickle } from '../live-stream.ts';

// A capture whose process is killed at any instant, as by kill -9, or by the kernel when memory runs out.

const REFUSED = join(ROOT, 'captures/refused.pcap');
const INSTANTS = 20;
const AT_ONCE = 4;
const QUESTIONS = [['states'], ['flows', '--limit', '0'], ['report']];
const FLOWS = 'SELECT count(*) FROM flows';

const random = new Random(7);
/** The first of them while it starts, the others so long after its first line. */
const STARTING = 5;
const instants = Array.from(
  { length: INSTANTS },
  (_, i) => [i, random.integer(0, i < STARTING ? 600 : 2500)] as const,
);
const folder = mkdtempSync(join(tmpdir(), 'finwait-killed-'));
const pathOf = (i: number) => join(folder, `${i}`, 'live.sqlite');
/** By run: the packets that it had shown at least a second before its death. */
const shown: number[] = [];

async function killAfter(i: number, ms: number): Promise<void> {
  mkdirSync(join(folder, `${i}`));
  const run = new LiveRun(['-', '--db', pathOf(i)], { folder });
  const stop = trickle(run.child.stdin!);
  if (i >= STARTING) await run.line(({ packets }) => packets > 0);
  await sleep(ms);
  run.child.kill('SIGKILL');
  await run.end();
  stop();
  shown[i] = run.lines.at(-2)?.packets ?? 0;
}

beforeAll(async () => {
  const waiting = [...instants];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await killAfter(...next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('is killed before and after it has shown something', () => {
  expect(shown.filter((packets) => packets > 0).length).toBeGreaterThan(5);
  expect(shown.filter((packets) => packets === 0).length).toBeGreaterThanOrEqual(STARTING);
});

describe.each(instants)('kill -9, number %d after %d ms', (i) => {
  const path = pathOf(i);
  /** It was killed before it had made the database. */
  const isNotYet = () => !existsSync(path) || statSync(path).size === 0;

  it('the database answers, and holds all but the last second', () => {
    if (isNotYet()) return expect(shown[i]).toBe(0);
    const [command = '', ...options] = QUESTIONS[i % QUESTIONS.length]!;
    const { stderr } = finwait([command, path, ...options]);
    expect(stderr).toBe(
      ask(path, FLOWS) === 0 && command === 'states'
        ? `finwait: ${path}: its captures hold no packets\n`
        : '',
    );
    expect(integrityOf(path)).toBe('ok');
    expect(ask(path, 'SELECT coalesce(sum(frames), 0) FROM captures')).toBeGreaterThanOrEqual(shown[i]!);
  });

  it(`${i % 2 === 0 ? 'live' : 'analyze'} --append goes on in it`, () => {
    const before = isNotYet() ? 0 : ask<number>(path, FLOWS)!;
    const words = i % 2 === 0 ? ['live', '-'] : ['analyze', REFUSED];
    const input = captured('refused.pcap');
    expect(finwait([...words, '-q', '--append', '--db', path], { input })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(ask(path, FLOWS)).toBe(before + 1);
    expect(integrityOf(path)).toBe('ok');
    expect(ask(path, 'PRAGMA journal_mode')).toBe('delete');
    expect(existsSync(`${path}-wal`)).toBe(false);
  });
});
