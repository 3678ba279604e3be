import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The repository. */
export const ROOT = join(import.meta.dirname, '..', '..');
/** The compiled program; `npm test` compiles it first. */
export const MAIN = join(ROOT, 'dist', 'main.js');

/** What a run left behind. */
export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the program as a shell would; `main` is another installation's. */
export function finwait(
  words: readonly string[],
  {
    main = MAIN,
    ...options
  }: {
    main?: string;
    cwd?: string;
    input?: string | Uint8Array;
    uid?: number;
    env?: NodeJS.ProcessEnv;
  } = {},
): Outcome {
  const env = { ...process.env, ...options.env };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
    ...options,
    env,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}
