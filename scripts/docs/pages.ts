import { newProgram } from '../../src/terminal/program.ts';
import { commandsPage } from './commands.ts';
import { findingsPage } from './findings.ts';
import { allHelp } from './help.ts';
import { manualPage } from './manual.ts';
import { queriesPage } from './queries.ts';
import { schemaPage } from './schema.ts';

/** Every page that is made, by its path in the repository. */
export async function pages(): Promise<Map<string, string>> {
  const [program, ...commands] = allHelp(await newProgram());
  const help = [program!, ...commands] as const;
  return new Map([
    ['docs/commands.md', commandsPage(help)],
    ['docs/schema.md', schemaPage()],
    ['docs/queries.md', queriesPage()],
    ['docs/findings.md', findingsPage()],
    ['man/finwait.1', manualPage(help)],
  ]);
}
