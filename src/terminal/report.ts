import type { Command } from 'commander';
import { addRowsOptions, DATABASE } from './database.ts';

/** `finwait report`. */
export function addReport(program: Command): void {
  addRowsOptions(program.command('report'))
    .description('report')
    .argument(...DATABASE)
    .addHelpText('after', '\nExample:\n  finwait report web.sqlite\n')
    .action(() => undefined);
}
