import type { Command } from 'commander';
import { UsageError } from '../base/exit.ts';
import { didYouMean } from '../base/nearest.ts';
import { outputLayout, print } from '../base/output.ts';

/** `finwait explain`: the article of a finding or a state. */
export function addExplain(program: Command): void {
  program
    .command('explain')
    .summary('explain a finding of diagnose, or a state')
    .description(
      'Prints the article of a finding: what happens on the wire and in the kernel, what causes it, ' +
        'what to do and what not to do, and where that is written. Of a state, in any spelling, it says what it ' +
        'is, who is in it, what ends it, and which settings matter and which do not. Without a topic it lists both.',
    )
    .argument('[topic]', 'a finding, such as close-wait-leak, or a state, such as CLOSE_WAIT')
    .addHelpText(
      'after',
      `
Example:
  finwait explain
  finwait explain close-wait-leak
  finwait explain CLOSE_WAIT

Exit codes: 0 done, 2 usage or no such finding or state.
`,
    )
    .action(runExplain);
}

async function runExplain(name: string | undefined): Promise<void> {
  const { article, explainedNames, stateArticle } = await import('../../report/diagnose/articles.ts');
  if (name === undefined) return list();
  const text = article(name.toLowerCase()) ?? stateArticle(name);
  if (text === undefined) {
    const hint = didYouMean(name, explainedNames(), 'finwait explain lists them');
    throw new UsageError(`no finding or state ${name}; ${hint}`);
  }
  const { terminal, style } = outputLayout();
  await print([terminal ? text.replace(/^#+ (.*)$/gm, (_, title: string) => style.bold(title)) : text]);
}

async function list(): Promise<void> {
  const { RULES } = await import('../../report/diagnose/rules.ts');
  const { EXPLAINED_STATES } = await import('../../report/diagnose/articles.ts');
  const { tableLines } = await import('../../report/table.ts');
  const { TEXT_WIDTH, wrapWords } = await import('../../report/wrap.ts');
  const { width, style } = outputLayout();
  const lines = [
    style.bold('Findings'),
    ...tableLines(
      RULES.map(({ code, title }) => [code, title]),
      { width },
    ),
    '',
    style.bold('States'),
    ...wrapWords(EXPLAINED_STATES, TEXT_WIDTH),
  ];
  await print(lines.map((line) => `${line}\n`));
}
