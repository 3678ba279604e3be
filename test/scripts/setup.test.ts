import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../terminal/finwait.ts';
import { projectWith, runIn } from './project.ts';

const SETUP = 'scripts/setup.mjs';
const COMPILES = { code: 0, stdout: '', stderr: 'setup: compiling finwait\n' };
const SILENT = { code: 0, stdout: '', stderr: '' };
/** The files that the build begins with. */
const programs = readFileSync(join(ROOT, 'scripts/build.mjs'), 'utf8').matchAll(/'(src\/.*\.ts)'/g);
const SOURCES = Object.fromEntries(Array.from(programs, ([, path]) => [path, 'export const x = 1;\n']));

it.each([[[]], [['--build-only']]])('compiles what is not compiled, then is silent: %o', (words) => {
  const folder = projectWith(SOURCES);
  expect(runIn(folder, SETUP, ...words)).toEqual(COMPILES);
  expect(existsSync(join(folder, 'dist', 'main.js'))).toBe(true);
  expect(runIn(folder, SETUP, ...words)).toEqual(SILENT);
});

it('compiles again when a source has changed', () => {
  const folder = projectWith({ ...SOURCES, 'src/deep/other.ts': '' });
  runIn(folder, SETUP);
  const later = Date.now() / 1000 + 10;
  utimesSync(join(folder, 'src', 'deep', 'other.ts'), later, later);
  expect(runIn(folder, SETUP)).toEqual(COMPILES);
});

it('fails where the compiler does, leaves what was there, and tries again the next time', () => {
  const folder = projectWith(SOURCES);
  runIn(folder, SETUP);
  writeFileSync(join(folder, 'src', 'main.ts'), "export { y } from './run/lane-thread.ts';\n");
  const later = Date.now() / 1000 + 10;
  utimesSync(join(folder, 'src', 'main.ts'), later, later);
  const { code, stderr } = runIn(folder, SETUP);
  expect(code).toBe(1);
  expect(stderr).toContain('"y" is not exported');
  expect(existsSync(join(folder, 'dist', 'main.js'))).toBe(true);
  expect(stderr).toMatch(/setup: finwait did not compile\n$/);
  writeFileSync(join(folder, 'src', 'main.ts'), 'export const x = 1;\n');
  expect(runIn(folder, SETUP)).toEqual(COMPILES);
});
