import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../record/database.ts';
import { ROOT } from '../terminal/finwait.ts';

const OURS = [
  'scripts/build.mjs',
  'scripts/setup.mjs',
  'scripts/test.mjs',
  'biome.json',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];

/** A small project of its own with our scripts and settings and the packages that are installed here. */
export function projectWith(files: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const name of OURS) {
    cpSync(join(ROOT, name), join(folder, name));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package-lock.json'), '{}');
  utimesSync(join(folder, 'package-lock.json'), 0, 0);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** Runs a script of the project with Node. */
export function runIn(folder: string, script: string, ...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, script), ...words], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, VITEST: '', NO_COLOR: '1' },
  });
  return { code: status, stdout, stderr };
}
