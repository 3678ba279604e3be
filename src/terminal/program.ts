import { Command } from 'commander';
import { printable } from '../report/text.ts';
import { addAnalyze } from './analyze.ts';
import { addCompletion } from './completion.ts';
import { addDevices } from './devices.ts';
import { EXIT, explain } from './exit.ts';
import { addFlows } from './flows.ts';
import { addLive } from './live.ts';
import { addQuery } from './query.ts';
import { addReport } from './report.ts';
import { addShow } from './show.ts';
import { addStates } from './states.ts';
import { version } from './version.ts';

/** The whole command line, for a run or to look at its help. */
export function newProgram(): Command {
  const program = new Command('finwait')
    .description(
      'Shows from packets who closed TCP connections, what each end was waiting for, for how long ' +
        'and why. Captures go into a SQLite database, which answers questions.',
    )
    .version(version(), '-V, --version')
    .helpCommand(false)
    .showHelpAfterError('Try --help.')
    .configureOutput({ outputError: (text, write) => write(complaint(text)) })
    .exitOverride()
    .addHelpText(
      'after',
      `
Example:
  finwait analyze monday.pcap
  finwait query monday.pcap.sqlite "SELECT * FROM close_waits LIMIT 10"
`,
    );
  for (const add of [
    addAnalyze,
    addLive,
    addDevices,
    addReport,
    addFlows,
    addShow,
    addStates,
    addQuery,
    addCompletion,
  ])
    add(program);
  return program;
}

/** What commander complains about, as we do: it repeats the words it was given. */
function complaint(text: string): string {
  const lines = text.replace(/^error:/, 'finwait:').split('\n');
  return lines.map(printable).join('\n');
}

/** Runs the command line; the result is the exit code. Without arguments it prints the help. */
export async function run(words: readonly string[]): Promise<number> {
  const program = newProgram();
  try {
    if (words.length === 0) program.outputHelp();
    else await program.parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    return explain(error);
  }
}
