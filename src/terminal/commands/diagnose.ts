import { type Command, Option } from 'commander';
import { SEVERITIES, type Severity } from '../../report/diagnose/frame/finding.ts';
import type { Thresholds } from '../../report/diagnose/frame/thresholds.ts';
import { EXIT, UsageError } from '../base/exit.ts';
import { outputLayout, print } from '../base/output.ts';
import { DATABASE, UTC, withDatabase } from '../options/database.ts';
import {
  collectCode,
  collectSysctl,
  collectThreshold,
  type SysctlFile,
} from '../options/diagnose-options.ts';

const FORMATS = ['text', 'json', 'md'] as const;

interface DiagnoseFlags {
  format: (typeof FORMATS)[number];
  failOn?: Severity;
  sysctl?: SysctlFile[];
  threshold?: Partial<Thresholds>;
  thresholds?: true;
  only?: string[];
  brief?: true;
  sql?: true;
  utc?: true;
}

/** `finwait diagnose`: what is wrong, its proof, what to change and what not to. */
export function addDiagnose(program: Command): void {
  program
    .command('diagnose')
    .summary('name what is wrong, with its proof, what to change, and what not to')
    .description(
      'Looks for known troubles in a database and tells of each what it is, who has it, which flows ' +
        'and frames show it, what most likely causes it, what to do and what not to do: first a list, the ' +
        'worst first, then each finding. A wait cut short by the end of the capture is not called a leak without further evidence.',
    )
    .argument('[db]', DATABASE[1])
    .addOption(new Option('-f, --format <format>', 'how it is printed').choices(FORMATS).default('text'))
    .addOption(
      new Option('--fail-on <severity>', 'exit code 1 where a finding is at least that severe').choices(
        SEVERITIES,
      ),
    )
    .option('--brief', 'the list of the findings alone')
    .option(
      '--sql',
      'with each finding the SQL that gives what it counts, which JSON and Markdown always have',
    )
    .option('--only <code>', 'look for this finding alone; repeatable', collectCode)
    .option(
      '--sysctl <file>',
      'settings of the hosts, as sysctl -a prints them; IP=FILE for those of one host; repeatable',
      collectSysctl,
    )
    .option(
      '--threshold <name=value>',
      'change a threshold, e.g. close-wait-age=5min; repeatable',
      collectThreshold,
    )
    .option('--thresholds', 'list the thresholds and why they are as they are; needs no database')
    .option(...UTC)
    .addHelpText(
      'after',
      `
Example:
  finwait diagnose web.sqlite
  finwait diagnose web.sqlite --brief
  finwait diagnose web.sqlite --fail-on warning --format md > findings.md
  finwait diagnose web.sqlite --sysctl 10.0.0.7=web7.sysctl
  finwait diagnose --thresholds

finwait explain CODE says more of a finding.

Exit codes: 0 done, 1 a finding at or above --fail-on, 2 usage, 3 not a database
of finwait, 4 permission denied.
`,
    )
    .action(runDiagnose);
}

async function runDiagnose(database: string | undefined, flags: DiagnoseFlags): Promise<void> {
  if (flags.thresholds) return printThresholds();
  if (database === undefined) throw new UsageError('which database? finwait diagnose DB');
  await withDatabase(database, async (db) => {
    const { diagnose } = await import('../../report/diagnose/diagnose.ts');
    const { isAtLeast } = await import('../../report/diagnose/frame/finding.ts');
    const { sysctlBook } = await import('../options/diagnose-options.ts');
    const diagnosis = diagnose(db, {
      sysctls: sysctlBook(flags.sysctl ?? []),
      ...(flags.threshold && { thresholds: flags.threshold }),
      ...(flags.only && { only: flags.only }),
    });
    const { utc = false, brief = false, sql = false } = flags;
    const options = { database, utc, style: outputLayout().style, brief, sql };
    switch (flags.format) {
      case 'json':
        await print([(await import('../../report/diagnose/diagnosis-json.ts')).diagnosisJson(diagnosis)]);
        break;
      case 'md':
        await print(
          (await import('../../report/diagnose/diagnosis-markdown.ts')).diagnosisMarkdown(diagnosis, options),
        );
        break;
      case 'text':
        await print(
          (await import('../../report/diagnose/diagnosis-text.ts')).diagnosisText(diagnosis, options),
        );
    }
    const { failOn } = flags;
    if (failOn !== undefined && diagnosis.findings.some(({ severity }) => isAtLeast(severity, failOn))) {
      process.exitCode = EXIT.finding;
    }
  });
}

async function printThresholds(): Promise<void> {
  const { thresholdsText } = await import('../../report/diagnose/thresholds-text.ts');
  await print([thresholdsText(outputLayout().style)]);
}
