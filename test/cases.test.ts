import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './terminal/finwait.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const [, ...sections] = read('docs/cases.md').split(/^### Case /m);

/** Each case of docs/cases.md with what is said of it. */
const cases = sections.map((text) => ({ number: Number(/^(\d+): /.exec(text)?.[1]), text }));

/** The numbers that a test file cites in its titles. */
function cited(path: string): Set<number> {
  const titles = read(path).matchAll(/['`](?:[^'`]*\W)?case (\d+)/g);
  return new Set([...titles].map(([, number]) => Number(number)));
}

const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts') && path !== 'cases.test.ts')
  .map((path) => ({ path: `../test/${path}`, numbers: cited(`test/${path}`) }));

describe('docs/cases.md', () => {
  it('numbers its cases from 1, each once', () => {
    expect(cases.map(({ number }) => number).sort((a, b) => a - b)).toEqual(cases.map((_, i) => i + 1));
  });

  it('has every case that a test cites', () => {
    const known = cases.map(({ number }) => number);
    const unknown = files.flatMap(({ numbers }) => [...numbers]).filter((number) => !known.includes(number));
    expect(unknown).toEqual([]);
  });

  it.each(cases)('names just the tests that cite case $number, and a source', ({ number, text }) => {
    const named = [...text.matchAll(/\]\((\.\.\/test\/[^)]+)\)/g)].map(([, path]) => path);
    const citing = files.filter(({ numbers }) => numbers.has(number)).map(({ path }) => path);
    expect(named.sort()).toEqual(citing.sort());
    expect(named).not.toEqual([]);
    expect(text).toMatch(/^- Source: \S/m);
  });
});
