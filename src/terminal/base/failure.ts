import { CommanderError } from 'commander';
import { CaptureError } from '../../capture/base/error.ts';
import { LiveError } from '../../capture/live/live-error.ts';
import { ProfileError } from '../../flow/judge/profile.ts';
import { errorParts, RefusedError, StoreError } from '../../record/files/error.ts';
import { asInstallationError, InstallationError } from '../../record/files/installation.ts';
import { EXIT, printError, UsageError } from './exit.ts';

/** Prints what went wrong, in one line, and returns its exit code. */
export function explain(thrown: unknown): number {
  const error = asInstallationError(errorParts(thrown)) ?? thrown;
  // commander has printed its own message by now; its help and version arrive here too, as code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof UsageError || error instanceof ProfileError || error instanceof RefusedError) {
    return say(error.message, EXIT.usage);
  }
  if (error instanceof InstallationError) return say(error.message, EXIT.badInput);
  if (error instanceof CaptureError || error instanceof StoreError) {
    const denied = error.code === 'EACCES' || error.code === 'EPERM';
    return say(error.message, denied ? EXIT.permission : EXIT.badInput);
  }
  if (error instanceof LiveError) {
    printError(error.message);
    if (error.advice !== undefined) process.stderr.write(`${error.advice}\n`);
    return { usage: EXIT.usage, missing: EXIT.usage, permission: EXIT.permission, failed: EXIT.badInput }[
      error.problem
    ];
  }
  process.stderr.write(
    `finwait: this is a bug in finwait: ${error instanceof Error ? error.stack : error}\n`,
  );
  return EXIT.bug;
}

function say(message: string, code: number): number {
  printError(message);
  return code;
}
