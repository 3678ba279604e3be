import { printable } from '../../report/text.ts';

/** The exit codes. A process that a signal ended has 128 + the signal's number. */
export const EXIT = { ok: 0, finding: 1, usage: 2, badInput: 3, permission: 4, bug: 70 } as const;

/** The command line asks for something that does not exist or is not allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** One line on standard error. */
export function printError(message: string): void {
  process.stderr.write(`finwait: ${printable(message)}\n`);
}
