import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Runs a program to its end (10 s at most) and returns its output. Throws with what it said on failure. */
export function run(program: string, args: readonly string[], input = ''): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', timeout: 10_000, input, stdio: 'pipe' });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`${program} ${args.join(' ')}: ${said}`);
  }
}

/** `ip`, inside a network namespace: `ip('fw-1-c', 'link set eth0 up')`. */
export function ip(namespace: string, command: string): string {
  return run('ip', ['-n', namespace, ...command.split(' ')]);
}

/** Waits. Scenarios are made of deliberate waits, so this is a word of their language. */
export function seconds(count: number): Promise<void> {
  return sleep(count * 1000);
}

/** Waits for a promise, `limit` seconds at most; `what` names it in the error. */
export async function within<T>(limit: number, what: string, promise: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = sleep(limit * 1000, undefined, { signal: timer.signal }).then((): never => {
    throw new Error(`${what}: not within ${limit} s`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
    late.catch(() => {});
  }
}

/**
 * What must be undone, last first, whether the work ends well, by an exception or by a signal.
 * Everything deferred is synchronous, so that it also runs while the process is exiting.
 */
export class Cleanup {
  readonly #undo: (() => void)[] = [];
  readonly #atExit = (): void => this.run();
  readonly #onSignal = (): void => process.exit(130);

  constructor() {
    process.on('exit', this.#atExit);
    process.on('SIGINT', this.#onSignal);
    process.on('SIGTERM', this.#onSignal);
  }

  defer(undo: () => void): void {
    this.#undo.push(undo);
  }

  run(): void {
    process.off('exit', this.#atExit);
    process.off('SIGINT', this.#onSignal);
    process.off('SIGTERM', this.#onSignal);
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) {
      try {
        undo();
      } catch (error) {
        process.stderr.write(`lab: clean-up: ${String(error)}\n`);
      }
    }
  }
}
