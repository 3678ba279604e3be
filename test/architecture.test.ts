import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './terminal/finwait.ts';

const page = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8')
  .replace(/\n +/g, ' ')
  .replace(/\n(?=\S)/g, '\n');
const text = page.replace(/\s+/g, ' ');

describe('ARCHITECTURE.md', () => {
  const paths = [
    ...new Set([...text.matchAll(/`((?:src|test|scripts)\/[\w./-]+)`/g)].map(([, path]) => path!)),
  ];

  it.each(paths)('%s is there', (path) => {
    expect(existsSync(join(ROOT, path))).toBe(true);
  });

  const names = [
    ...text.matchAll(/`(\w+)`(?: (?:in|of)| go(?:es)? through `\w+` of) `(src\/[\w./-]+\.ts)`/g),
  ];

  it('names functions and where they are', () => {
    expect(names.length).toBeGreaterThanOrEqual(10);
  });

  it.each(names.map(([, name, path]) => [name!, path!]))('%s is in %s', (name, path) => {
    expect(readFileSync(join(ROOT, path), 'utf8')).toMatch(
      new RegExp(`export (async )?(function|class|const) ${name}\\b`),
    );
  });
});
