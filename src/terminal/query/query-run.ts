import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { packaged } from '../../capture/base/packaged.ts';
import { StoreError } from '../../record/files/error.ts';
import { InstallationError } from '../../record/files/installation.ts';
import { duration } from '../../report/units.ts';
import { printError, UsageError } from '../base/exit.ts';
import { ENDING_SIGNALS, exitOnSignals } from '../base/interrupt.ts';
import { after } from '../base/timer.ts';
import type { QueryFailure, QueryJob } from './query-messages.ts';

/**
 * Runs a query in a process of its own, which ends with this one, whichever signal ends it, or after
 * `timeoutUs` microseconds. The result is the exit code; a query or a database that is wrong is thrown.
 */
export async function runQuery(job: QueryJob, timeoutUs: number | undefined): Promise<number> {
  const child = fork(packaged('dist/query-process.js'), {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ignoreSignals = exitOnSignals(() => child.kill('SIGKILL'));
  let failure: QueryFailure | undefined;
  child.once('message', (message: QueryFailure) => {
    failure = message;
  });
  child.send(job);
  const timedOut = stopAfter(child, timeoutUs);
  await once(child, 'exit');
  const { exitCode, signalCode } = child;
  ignoreSignals();
  if (timedOut()) {
    printError(`the query was stopped after ${duration(timeoutUs ?? 0)} (--timeout)`);
    return 128 + constants.signals.SIGINT;
  }
  if (failure !== undefined) throw asError(failure);
  if (signalCode === null) return exitCode ?? 0;
  // Sent to the whole group, it may end the child before this process has heard of it.
  if (!ENDING_SIGNALS.includes(signalCode)) printError(`the query was ended by ${signalCode}`);
  return 128 + constants.signals[signalCode];
}

/** Kills a process after a time; the result tells whether that has happened. */
function stopAfter(child: ChildProcess, us: number | undefined): () => boolean {
  if (us === undefined) return () => false;
  let stopped = false;
  const endTimer = after(us / 1000, () => {
    stopped = child.kill('SIGKILL');
  });
  child.once('exit', endTimer);
  return () => stopped;
}

function asError(failure: QueryFailure): Error {
  switch (failure.kind) {
    case 'usage':
      return new UsageError(failure.message);
    case 'installation':
      return new InstallationError(failure.message);
    case 'store':
      return new StoreError(failure.path, failure.reason, failure.code);
    case 'bug':
      return Object.assign(new Error(), { stack: failure.stack });
  }
}
