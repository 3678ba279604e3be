import type { Command } from 'commander';
import { addRowsOptions, DATABASE } from './database.ts';

/** `finwait states`. */
export function addStates(program: Command): void {
  addRowsOptions(program.command('states'))
    .description('states')
    .argument(...DATABASE)
    .addHelpText('after', '\nExample:\n  finwait states web.sqlite\n')
    .action(() => undefined);
}
