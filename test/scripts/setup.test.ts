import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectWith, runIn } from './project.ts';

const SETUP = 'scripts/setup.mjs';
const COMPILES = { code: 0, stdout: '', stderr: 'setup: compiling finwait\n' };
const SILENT = { code: 0, stdout: '', stderr: '' };

it.each([[[]], [['--build-only']]])('compiles what is not compiled, then is silent: %o', (words) => {
  const folder = projectWith({ 'src/main.ts': 'export const x = 1;\n' });
  expect(runIn(folder, SETUP, ...words)).toEqual(COMPILES);
  expect(existsSync(join(folder, 'dist', 'main.js'))).toBe(true);
  expect(runIn(folder, SETUP, ...words)).toEqual(SILENT);
});

it('compiles again when a source has changed', () => {
  const folder = projectWith({ 'src/deep/main.ts': 'export const x = 1;\n' });
  runIn(folder, SETUP);
  const later = Date.now() / 1000 + 10;
  utimesSync(join(folder, 'src', 'deep', 'main.ts'), later, later);
  expect(runIn(folder, SETUP)).toEqual(COMPILES);
});

it('fails where the compiler does, and tries again the next time', () => {
  const folder = projectWith({ 'src/main.ts': "export const x: number = '1';\n" });
  const { code, stderr } = runIn(folder, SETUP);
  expect(code).toBe(1);
  expect(stderr).toContain('TS2322');
  expect(stderr).toMatch(/setup: finwait did not compile\n$/);
  writeFileSync(join(folder, 'src', 'main.ts'), 'export const x = 1;\n');
  expect(runIn(folder, SETUP)).toEqual(COMPILES);
});
