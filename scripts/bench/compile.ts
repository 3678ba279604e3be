import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compiles a C program of this folder into another one; gives its path, or why there is none. */
export function compile(
  name: string,
  folder: string,
  libraries: readonly string[] = [],
): { path: string } | { missing: string } {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
  const { status, stderr, error } = spawnSync('cc', ['-O2', '-o', path, source, ...libraries], {
    encoding: 'utf8',
  });
  if (error !== undefined) return { missing: 'there is no C compiler (Debian: gcc)' };
  if (status === 0) return { path };
  const header = /fatal error: ([^:]+)/.exec(stderr)?.[1];
  return { missing: header === undefined ? stderr.trim() : `${header} is missing` };
}
