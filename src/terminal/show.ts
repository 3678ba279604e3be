import type { Command } from 'commander';
import { addRowsOptions, DATABASE } from './database.ts';

/** `finwait show`. */
export function addShow(program: Command): void {
  addRowsOptions(program.command('show'))
    .description('show')
    .argument(...DATABASE)
    .addHelpText('after', '\nExample:\n  finwait show web.sqlite\n')
    .action(() => undefined);
}
