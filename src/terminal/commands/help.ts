import type { Command } from 'commander';
import { UsageError } from '../base/exit.ts';

/** `finwait help`: how a command is used. */
export function addHelp(program: Command): void {
  program
    .command('help')
    .summary('show how a command is used')
    .description('Prints what --help prints: of a command, or of the program with its commands.')
    .argument('[command]', 'a command')
    .addHelpText(
      'after',
      `
Example:
  finwait help
  finwait help flows

Exit codes: 0 done, 2 no such command.
`,
    )
    .action((name?: string) => printHelp(program, name));
}

async function printHelp(program: Command, name: string | undefined): Promise<void> {
  if (name === undefined) return program.outputHelp();
  const command = program.commands.find((each) => each.name() === name);
  if (command !== undefined) return command.outputHelp();
  const { didYouMean } = await import('../base/nearest.ts');
  const names = program.commands.map((each) => each.name());
  const advice = didYouMean(name, names, 'finwait help lists them');
  throw new UsageError(`there is no command ${name}; ${advice}`);
}
