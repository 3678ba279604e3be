import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { packaged } from '../../capture/base/packaged.ts';
import { print } from './output.ts';

/** `finwait version`. */
export function addVersion(program: Command): void {
  program
    .command('version')
    .summary('print the version')
    .description('Prints the version of finwait, as --version does.')
    .addHelpText(
      'after',
      `
Example:
  finwait version

Exit codes: 0 done.
`,
    )
    .action(() => print([`${version()}\n`]));
}

/** The version in package.json. */
export function version(): string {
  const text = readFileSync(packaged('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
