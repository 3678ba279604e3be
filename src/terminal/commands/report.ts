import type { Command } from 'commander';
import { outputLayout, print } from '../base/output.ts';
import {
  addRowsOptions,
  DATABASE,
  EXIT_CODES,
  printAnswer,
  type RowsFlags,
  withDatabase,
} from '../options/database.ts';
import { wholeNumberFrom } from '../options/option-values.ts';

interface ReportFlags extends RowsFlags {
  top: number;
}

/** `finwait report`: the summary again, and what its numbers are made of. */
export function addReport(program: Command): void {
  const command = program
    .command('report')
    .summary('sum up a database: closes, waits and who holds them, distributions, RSTs, ports')
    .description(
      'Prints the summary that analyze ends with, who holds the sockets that wait, and how long waits and ' +
        'closes lasted. Waits still open when the capture ended are counted separately. csv and jsonl have one ' +
        'value a row: section, item, measure, value.',
    )
    .argument(...DATABASE)
    .option('--top <n>', 'how many holders of a state, and server ports', wholeNumberFrom(1), 10);
  addRowsOptions(command)
    .addHelpText(
      'after',
      `
Example:
  finwait report web.sqlite
  finwait report web.sqlite --format json | jq .holders

${EXIT_CODES}`,
    )
    .action(runReport);
}

async function runReport(database: string, { top, ...flags }: ReportFlags): Promise<void> {
  await withDatabase(database, async (db) => {
    const { readReport } = await import('../../report/summary/report.ts');
    const { reportText } = await import('../../report/summary/report-text.ts');
    const { reportJson, reportMarkdown, reportRows, reportSections } = await import(
      '../../report/summary/report-sections.ts'
    );
    const report = readReport(db, top);
    const utc = flags.utc ?? false;
    const layout = outputLayout();
    switch (flags.format) {
      case 'table':
        return print([reportText(report, { database, utc, style: layout.style })]);
      case 'json':
        return print([reportJson(reportSections(report))]);
      case 'md':
        return print(reportMarkdown(reportSections(report), { ...layout, format: flags.format, utc }));
      default:
        return printAnswer(reportRows(reportSections(report)), flags);
    }
  });
}
