import type { Command } from 'commander';
import { addRowsOptions, DATABASE } from './database.ts';

/** `finwait flows`. */
export function addFlows(program: Command): void {
  addRowsOptions(program.command('flows'))
    .description('flows')
    .argument(...DATABASE)
    .addHelpText('after', '\nExample:\n  finwait flows web.sqlite\n')
    .action(() => undefined);
}
