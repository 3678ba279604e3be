// src/terminal, the commands. Its rooms import only from those before them:
// base < options < completion, query, screen < commands < these files
// base: output, errors and exit codes; options: what users type; completion: scripts for shells; query: SQL in a
// child process; screen: live's picture; commands: one per file.

import { Command } from 'commander';
import { printable } from '../report/text.ts';
import { EXIT } from './base/exit.ts';
import { explain } from './base/failure.ts';
import { print } from './base/output.ts';
import { version } from './base/version.ts';
import { withCommand } from './short-forms.ts';

/** The commands, each loaded only where it is needed: that is a third of the time to start. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  analyze: async () => (await import('./commands/analyze.ts')).addAnalyze,
  live: async () => (await import('./commands/live.ts')).addLive,
  devices: async () => (await import('./commands/devices.ts')).addDevices,
  report: async () => (await import('./commands/report.ts')).addReport,
  flows: async () => (await import('./commands/flows.ts')).addFlows,
  show: async () => (await import('./commands/show.ts')).addShow,
  states: async () => (await import('./commands/states.ts')).addStates,
  query: async () => (await import('./commands/query.ts')).addQuery,
  diagnose: async () => (await import('./commands/diagnose.ts')).addDiagnose,
  explain: async () => (await import('./commands/explain.ts')).addExplain,
  completion: async () => (await import('./commands/completion.ts')).addCompletion,
  help: async () => (await import('./commands/help.ts')).addHelp,
  version: async () => (await import('./base/version.ts')).addVersion,
};
/** They tell of all the others. */
const KNOW_ALL = ['completion', 'help'];
/** First on the command line, these need no command at all. */
const VERSION_FLAGS = ['-V', '--version'];
const FLAGS = [...VERSION_FLAGS, '-h', '--help'];

/** The command line, for a run or to look at its help, with the commands of these names. */
export async function newProgram(names: readonly string[] = Object.keys(COMMANDS)): Promise<Command> {
  const program = new Command('finwait')
    .description(
      'Shows from packets who closed TCP connections, what each end was waiting for, for how long ' +
        'and why. Captures go into a SQLite database, which answers questions.',
    )
    .version(version(), VERSION_FLAGS.join(', '))
    .helpCommand(false)
    .showHelpAfterError('Try --help.')
    .configureOutput({
      writeOut: (text) => void print([text]),
      outputError: (text, write) => write(complaint(text)),
    })
    .exitOverride()
    .addHelpText(
      'after',
      `
Example:
  finwait analyze monday.pcap
  finwait query monday.pcap.sqlite "SELECT * FROM close_waits LIMIT 10"

finwait monday.pcap is finwait analyze monday.pcap.
`,
    );
  for (const name of names) (await COMMANDS[name]!())(program);
  return program;
}

/** What commander complains about, as we do: it repeats the words it was given. */
function complaint(text: string): string {
  const lines = text.replace(/^error:/, 'finwait:').split('\n');
  return lines.map(printable).join('\n');
}

/** The commands to load for this command line; undefined for all. */
function neededBy([word = '']: readonly string[]): readonly string[] | undefined {
  if (VERSION_FLAGS.includes(word)) return [];
  return Object.hasOwn(COMMANDS, word) && !KNOW_ALL.includes(word) ? [word] : undefined;
}

/** Runs the command line; the result is the exit code. Without arguments it prints the help. */
export async function run(given: readonly string[]): Promise<number> {
  const words = withCommand(given, { commands: Object.keys(COMMANDS), flags: FLAGS });
  const program = await newProgram(neededBy(words));
  try {
    if (words.length === 0) program.outputHelp();
    else await program.parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    return explain(error);
  }
}
