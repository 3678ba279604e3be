import { spawnSync } from 'node:child_process';

/** Whether a test that runs the program has to be skipped; where CI is set a missing program fails the test instead. */
export function lacks(program: string): boolean {
  return process.env.CI !== 'true' && spawnSync(program, ['--version']).error !== undefined;
}

/** Root in a container may lack the right to mount. */
export function canMount(): boolean {
  return spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
}
