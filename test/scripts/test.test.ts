import { expect, it } from 'vitest';
import { projectWith, runIn } from './project.ts';

const GOOD = "import { expect, it } from 'vitest';\n\nit('passes', () => {\n  expect(1).toBe(1);\n});\n";
const MIXED = `${GOOD}
it('fails', () => {
  expect(1).toBe(2);
});

it.skip('waits', () => {});
`;

it.each([
  ['all is well', { 'test/a.test.ts': GOOD }, [], 0, '1 passed, 0 failed, 0 skipped'],
  ['a test fails', { 'test/a.test.ts': MIXED }, [], 1, '1 passed, 1 failed, 1 skipped'],
  [
    'arguments choose tests',
    { 'test/a.test.ts': MIXED },
    ['-t', 'passes'],
    0,
    '1 passed, 0 failed, 2 skipped',
  ],
  [
    'a file cannot be loaded',
    { 'test/a.test.ts': GOOD, 'test/b.test.ts': "import './no.js';\n" },
    [],
    1,
    '1 passed, 2 failed, 0 skipped',
  ],
  ['the style is off', { 'test/a.test.ts': `${GOOD}\n\n` }, [], 1, '1 passed, 1 failed, 0 skipped'],
  [
    'a type is wrong',
    { 'test/a.test.ts': GOOD, 'src/a.ts': "export const x: number = 'a';\n" },
    [],
    1,
    '1 passed, 1 failed, 0 skipped',
  ],
  ['there are no tests', { 'src/a.ts': 'export const x = 1;\n' }, [], 1, '0 passed, 1 failed, 0 skipped'],
])('the last line counts where %s', (_, files, words, code, line) => {
  const outcome = runIn(projectWith(files), 'scripts/test.mjs', ...words);
  expect(outcome.stdout.trimEnd().split('\n').at(-1)).toBe(line);
  expect(outcome.code).toBe(code);
});
