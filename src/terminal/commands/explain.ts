import type { Command } from 'commander';
import { UsageError } from '../base/exit.ts';
import { outputLayout, print } from '../base/output.ts';

/** `finwait explain`: the article of a finding. */
export function addExplain(program: Command): void {
  program
    .command('explain')
    .summary('explain a finding of diagnose: mechanism, causes, remedies, sources')
    .description(
      'Prints the article of a finding: what happens on the wire and in the kernel, what causes it, ' +
        'what to do and what not to do, and where that is written. Without a code it lists the findings.',
    )
    .argument('[code]', 'code of a finding, such as close-wait-leak')
    .addHelpText(
      'after',
      `
Example:
  finwait explain
  finwait explain close-wait-leak

Exit codes: 0 done, 2 usage or no such finding.
`,
    )
    .action(runExplain);
}

async function runExplain(code: string | undefined): Promise<void> {
  const { article } = await import('../../report/diagnose/articles.ts');
  if (code === undefined) return listFindings();
  const text = article(code);
  if (text === undefined) throw new UsageError(`no finding ${code}; finwait explain lists them`);
  const { terminal, style } = outputLayout();
  await print([terminal ? text.replace(/^#+ (.*)$/gm, (_, title: string) => style.bold(title)) : text]);
}

async function listFindings(): Promise<void> {
  const { RULES } = await import('../../report/diagnose/rules.ts');
  const { tableLines } = await import('../../report/table.ts');
  const lines = tableLines(
    RULES.map(({ code, title }) => [code, title]),
    { width: outputLayout().width },
  );
  await print(lines.map((line) => `${line}\n`));
}
