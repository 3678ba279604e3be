import { formatRows, type Value } from '../rows.ts';
import { styles } from '../style.ts';
import { printable } from '../text.ts';
import { count, isoTime } from '../units.ts';
import type { Diagnosis } from './diagnose.ts';
import { type DiagnosisTextOptions, overview } from './diagnosis-text.ts';
import { exampleText } from './example-text.ts';
import type { Finding } from './frame/finding.ts';
import { numbersText } from './frame/number-text.ts';

/** A diagnosis in Markdown, for an issue or a mail: a table of all findings, then each of them. */
export function* diagnosisMarkdown(diagnosis: Diagnosis, options: DiagnosisTextOptions): Generator<string> {
  yield `${overview(diagnosis, options)}\n`;
  if (diagnosis.findings.length === 0) return;
  yield '\n';
  const rows = diagnosis.findings.map(({ severity, code, subject, count: n, title }): Value[] => [
    severity,
    code,
    subject,
    count(n),
    title,
  ]);
  yield* formatRows(['severity', 'code', 'subject', 'count', 'title'], rows, {
    format: 'md',
    terminal: false,
    style: styles(false),
    width: undefined,
  });
  for (const finding of diagnosis.findings) yield `\n${inFull(finding, options.utc).join('\n\n')}\n`;
}

function inFull(finding: Finding, utc: boolean): string[] {
  const { evidence, sinceUs, untilUs } = finding;
  const list = (texts: readonly string[], mark: (i: number) => string) =>
    texts.map((text, i) => `${mark(i)} ${plain(text)}`).join('\n');
  return [
    `## ${finding.severity}: ${finding.code}, ${plain(finding.subject)}`,
    `${plain(finding.title)}: ${numbersText(evidence.numbers, utc)}. ` +
      `${isoTime(sinceUs, utc)} to ${isoTime(untilUs, utc)}.`,
    ...(evidence.flows.length > 0 ? [list(evidence.flows.map(exampleText), () => '-')] : []),
    `**Cause** (${finding.confidence}: ${plain(finding.confidenceReason)}): ${plain(finding.cause)}`,
    '**What to do**',
    list(finding.remedies, (i) => `${i + 1}.`),
    '**What not to do**',
    list(finding.notToDo, () => '-'),
    `\`\`\`sql\n${evidence.sql}\n\`\`\``,
  ];
}

/** Text in which nothing is markup. */
function plain(text: string): string {
  return printable(text).replace(/[\\`*<>|[\]]|(?<!\w)_|_(?!\w)/g, '\\$&');
}
