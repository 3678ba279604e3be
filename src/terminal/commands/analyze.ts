import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { SkippedNumbers } from '../../decode/verdict.ts';
import { overlaps, overlapText } from '../../report/summary/overlap.ts';
import { counted } from '../../report/units.ts';
import { EXIT, printError, UsageError } from '../base/exit.ts';
import { exitOnSignals } from '../base/interrupt.ts';
import { outputLayout, print } from '../base/output.ts';
import { ProgressLine } from '../base/progress.ts';
import { UTC, withDatabase } from '../options/database.ts';
import { parseTarget } from '../options/option-values.ts';

interface AnalyzeFlags {
  /** False with --no-db. */
  db?: string | false;
  append?: true;
  again?: true;
  force?: true;
  timeWait?: string;
  utc?: true;
  quiet?: true;
}

/** `finwait analyze`: captures in, a database and its summary out. */
export function addAnalyze(program: Command): void {
  const command = program
    .command('analyze')
    .summary('read capture files into a database and sum up how the flows closed')
    .description(
      'Reads pcap and pcapng files (also compressed) into a SQLite database and prints its summary and the ' +
        'worst findings of diagnose. ' +
        'Files given in order of time are one capture: connections go on from one to the next; ' +
        'captures of both ends are merged before (mergecap -w both.pcap a.pcap b.pcap). ' +
        'The database is moved into place only when complete; until then an existing one is not touched.',
    )
    .argument('<file...>', 'capture files; - is standard input')
    .option(
      '-d, --db <out>',
      'the database (default: the first file\'s name and ".sqlite", in this folder)',
      parseTarget,
    )
    .option('--no-db', 'write no database: only read and follow, and say how many flows there were')
    .option('-a, --append', 'add to the database instead of replacing it')
    .option('--again', 'take a capture that is in the database already, or is named twice, all the same')
    .option('--force', 'replace a database that was named after another capture of the same name')
    .option(
      '--time-wait <length>',
      'how long TIME_WAIT is: seconds, a system such as linux, or auto: by each SYN',
    )
    .option(...UTC)
    .option('-q, --quiet', 'print no summary and no progress')
    .addHelpText(
      'after',
      `
Example:
  finwait analyze monday.pcap
  finwait analyze --db web.sqlite rotated.pcap0 rotated.pcap1
  tcpdump -i eth0 -w - tcp | finwait analyze -

Exit codes: 0 all read, 2 usage, 3 a file is no capture, or damaged (what could
be read is in the database), 4 permission denied, 130 interrupted.
`,
    )
    .action((files: string[], flags: AnalyzeFlags) => {
      if (asked.size === 2)
        throw new UsageError('--db names a database, and --no-db writes none: which of them?');
      return runAnalyze(files, flags);
    });
  // To commander both are one option, of which the last counts.
  const asked = new Set<string>();
  for (const option of ['option:db', 'option:no-db']) command.on(option, () => void asked.add(option));
}

async function runAnalyze(files: string[], flags: AnalyzeFlags): Promise<void> {
  if (files.indexOf('-') !== files.lastIndexOf('-')) {
    throw new UsageError('- is standard input, which can be read only once');
  }
  if (flags.db === false && flags.append)
    throw new UsageError('there is nothing to --append to with --no-db');
  const target = flags.db === false ? undefined : (flags.db ?? defaultDatabase(files[0]!));
  const line = new ProgressLine(process.stderr);
  const ignoreSignals = exitOnSignals(() => {
    line.erase();
    printError(target && existsSync(target) ? `interrupted; ${target} is as it was` : 'interrupted');
  });
  const { analyze } = await import('../../run/pipeline.ts');
  const { captures, skipped, flows } = await analyze(files, {
    target,
    append: flags.append ?? false,
    again: flags.again ?? false,
    namedAfter: flags.db === undefined && !flags.append && !flags.force ? files[0] : undefined,
    timeWait: flags.timeWait,
    onWait: () => printError(`${target}: another finwait is writing it; waiting until it has ended`),
    ...(flags.quiet ? {} : { onProgress: (progress) => line.update(progress) }),
  }).finally(() => line.erase());
  ignoreSignals();
  // Before the summary, after which standard output may have failed.
  for (const { damage } of captures) {
    if (damage === null) continue;
    printError(
      `${damage.message}; what came before ${target === undefined ? 'was read' : 'is in the database'}`,
    );
    process.exitCode = EXIT.badInput;
  }
  for (const pair of overlaps(captures.map(({ path, firstUs, lastUs }) => ({ path, firstUs, lastUs }))))
    printError(overlapText(pair));
  if (!flags.quiet) {
    if (target === undefined) await print([`${counted(flows, 'TCP flow')} followed, no database written\n`]);
    else await printSummary(target, flags.utc ?? false, skipped);
  }
}

/** `monday.pcap.gz` gives `monday.pcap.gz.sqlite`, standard input `stdin.sqlite`. */
function defaultDatabase(file: string): string {
  return `${file === '-' ? 'stdin' : basename(file)}.sqlite`;
}

async function printSummary(database: string, utc: boolean, skipped: SkippedNumbers): Promise<void> {
  const { readSummary } = await import('../../report/summary/summary.ts');
  const { summaryText } = await import('../../report/summary/summary-text.ts');
  const { diagnose } = await import('../../report/diagnose/diagnose.ts');
  const { SUMMARY_NOTES, topFindings } = await import('../../report/diagnose/top-findings.ts');
  const { width, style } = outputLayout();
  await withDatabase(database, async (db) => {
    await print([summaryText(readSummary(db), { database, utc, style, skipped })]);
    const findings = topFindings(diagnose(db, { least: 'warning', also: SUMMARY_NOTES }), {
      database,
      width,
      style,
    });
    if (findings !== '') await print(['\n', findings]);
  });
}
