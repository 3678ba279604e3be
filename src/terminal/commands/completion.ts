import { Argument, type Command } from 'commander';
import { print } from '../base/output.ts';

/** The shells there is a completion for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** `finwait completion`: a script that makes a shell complete our command line. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .summary('print a completion script for a shell')
    .description(
      'Prints a script that makes the shell complete commands, options and their values, databases, ' +
        'named queries, findings and states. Load it where the shell starts:',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      `
Example:
  source <(finwait completion bash)         in ~/.bashrc
  source <(finwait completion zsh)          in ~/.zshrc, after compinit
  finwait completion fish > ~/.config/fish/completions/finwait.fish

Exit codes: 0 done, 2 usage.
`,
    )
    .action((shell: Shell) => printCompletion(program, shell));
}

async function printCompletion(program: Command, shell: Shell): Promise<void> {
  const { commandLines } = await import('../completion/completion-model.ts');
  const { namedQueries } = await import('../../report/named-query.ts');
  const { RULES } = await import('../../report/diagnose/rules.ts');
  const queries = namedQueries().map(({ name, title }) => ({ word: name, description: title }));
  const code = RULES.map((rule) => ({ word: rule.code, description: rule.title }));
  const { EXPLAINED_STATES, stateTitle } = await import('../../report/diagnose/articles.ts');
  const states = EXPLAINED_STATES.map((state) => ({ word: state, description: stateTitle(state) }));
  const topic = [...code, ...states];
  const script = await generator(shell);
  const command = program.commands.map((each) => ({ word: each.name(), description: each.summary() }));
  await print([script(commandLines(program, { query: queries, name: queries, code, topic, command }))]);
}

async function generator(shell: Shell) {
  switch (shell) {
    case 'bash':
      return (await import('../completion/completion-bash.ts')).bashCompletion;
    case 'zsh':
      return (await import('../completion/completion-zsh.ts')).zshCompletion;
    case 'fish':
      return (await import('../completion/completion-fish.ts')).fishCompletion;
  }
}
