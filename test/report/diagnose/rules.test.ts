import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { THRESHOLDS } from '../../../src/report/diagnose/frame/thresholds.ts';
import { RULES } from '../../../src/report/diagnose/rules.ts';
import { ROOT } from '../../terminal/finwait.ts';
import { CAPTURES, expectedOf } from './diagnosed.ts';

const FINDINGS = 'src/report/diagnose/findings';
const CODES = RULES.map(({ code }) => code);

/** Those of some files that do not exist. */
const missing = (paths: readonly string[]) => paths.filter((path) => !existsSync(join(ROOT, path)));

/** By each capture of causes/ the findings that it was recorded for. */
const recorded = CAPTURES.filter((path) => path.startsWith('causes/')).map((path) =>
  expectedOf(path).findings.map(({ code }) => code),
);

describe.each(RULES.map((rule) => [rule.code, rule] as const))('the finding %s', (code, rule) => {
  it('has a folder with its rule and its article', () => {
    const files = [`${FINDINGS}/${code}/${code}.ts`, `${FINDINGS}/${code}/article.md`];
    expect(missing(files), `${code} needs ${files.join(' and ')}`).toEqual([]);
  });

  it('has unit tests of its own', () => {
    const file = `test/report/diagnose/findings/${code}/${code}.test.ts`;
    expect(missing([file]), `${code} needs ${file}`).toEqual([]);
  });

  it('has a capture that shows it', () => {
    const count = recorded.filter((codes) => codes.includes(code)).length;
    expect(count, `${code} needs a capture in captures/causes/ whose .expect.json names it`).toBeGreaterThan(
      0,
    );
  });

  it('says what it looks for', () => {
    expect(rule.title).not.toBe('');
    expect(rule.looksFor).toMatch(/\.$/);
  });
});

it('every code is that of one rule', () => {
  expect(CODES).toEqual([...new Set(CODES)]);
});

it('every folder of findings/ is of a rule in the registry', () => {
  const folders = readdirSync(join(ROOT, FINDINGS));
  expect(folders.filter((folder) => !CODES.includes(folder))).toEqual([]);
});

it('every capture of causes/ was recorded for findings that there are', () => {
  expect(recorded.flat().filter((code) => !CODES.includes(code))).toEqual([]);
});

it('every threshold is one that some rule goes by', () => {
  const used = new Set<string>(RULES.flatMap(({ thresholds }) => thresholds));
  expect(THRESHOLDS.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([]);
});
