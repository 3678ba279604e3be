import { shellWord } from '../../capture/base/shell.ts';
import type { Style } from '../style.ts';
import { tableLines } from '../table.ts';
import { printable, textWidth } from '../text.ts';
import { count, counted, isoTime } from '../units.ts';
import { TEXT_WIDTH, wordsOf, wrapWords } from '../wrap.ts';
import type { Diagnosis } from './diagnose.ts';
import { findingList, grouped } from './diagnosis-list.ts';
import { exampleText } from './example-text.ts';
import { MAX_SUBJECTS } from './frame/cases.ts';
import { type Finding, isAtLeast, SEVERITIES } from './frame/finding.ts';
import { numberName, numbersText, valueText } from './frame/number-text.ts';

/** How a diagnosis is laid out. */
export interface DiagnosisTextOptions {
  /** Path of the database, for the commands to go on with. */
  database: string;
  utc: boolean;
  style: Style;
  /** The list of the findings alone. */
  brief?: boolean;
  /** Each finding with the SQL that gives what it counts. */
  sql?: boolean;
}

const INDENT = '  ';
/** Up to this many subjects of one finding are shown in full; the others are rows of a table. */
const IN_FULL = 3;
const MAX_ROWS = 20;

/** A diagnosis for people: a line on what was looked at, the findings as a list, then each with what to do. */
export function* diagnosisText(diagnosis: Diagnosis, options: DiagnosisTextOptions): Generator<string> {
  yield `${overview(diagnosis, options)}\n`;
  if (diagnosis.findings.length === 0) return;
  yield `\n${findingList(diagnosis.findings, options.style).join('\n')}\n`;
  if (options.brief) return;
  const isOnly = diagnosis.findings.filter(({ severity }) => severity !== 'note').length === 1;
  for (const group of byCode(diagnosis.findings)) {
    for (const [i, finding] of group.slice(0, IN_FULL).entries()) {
      yield `\n${inFull(finding, group[i - 1], isOnly, options).join('\n')}\n`;
    }
    if (group.length > IN_FULL) yield `\n${theOthers(group.slice(IN_FULL), options).join('\n')}\n`;
  }
}

/** `2 findings in 1,200 flows: 1 critical, 1 warning; 1 note`, and what was too much to be looked at. */
export function overview(
  { flows, firstUs, lastUs, rules, findings }: Diagnosis,
  { utc }: DiagnosisTextOptions,
): string {
  const where = counted(flows, 'flow');
  const found = findings.filter(({ severity }) => severity !== 'note');
  const notes = findings.length - found.length;
  if (found.length > 0) {
    const noted = notes > 0 ? `; ${counted(notes, 'note')}` : '';
    return [
      `${counted(found.length, 'finding')} in ${where}: ${tally(found)}${noted}`,
      ...tooMany(findings),
    ].join('\n');
  }
  if (firstUs === null || lastUs === null) return 'Nothing found: there are no packets.';
  const span = `from ${isoTime(firstUs, utc)} to ${isoTime(lastUs, utc)}`;
  const text = `Nothing found in ${where} ${span}, by ${counted(rules, 'rule')}.`;
  return wrapWords(wordsOf(text), TEXT_WIDTH).join('\n');
}

/** `1 critical, 2 warning` */
function tally(findings: readonly Finding[]): string {
  return SEVERITIES.toReversed()
    .map(
      (severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const,
    )
    .filter(([, n]) => n > 0)
    .map(([severity, n]) => `${count(n)} ${severity}`)
    .join(', ');
}

/** `refused: of 4,210 subjects the 1,000 with most were looked at` */
function tooMany(findings: readonly Finding[]): string[] {
  return byCode(findings).flatMap((group) => {
    const subjects = group.reduce((most, { evidence }) => Math.max(most, evidence.subjects ?? 0), 0);
    const looked = `the ${count(MAX_SUBJECTS)} with most were looked at`;
    return subjects === 0 ? [] : [`${group[0]!.code}: of ${count(subjects)} subjects ${looked}`];
  });
}

/** A finding: the cause and what to do come before the proof; what the one before has as well is left out. */
function inFull(
  finding: Finding,
  before: Finding | undefined,
  isOnly: boolean,
  options: DiagnosisTextOptions,
): string[] {
  const { style } = options;
  const { severity, code, subject, remedies, notToDo } = finding;
  const head = `${emphasis(severity, style)(severity.toUpperCase())}  ${style.bold(printable(subject))}  ${code}`;
  // There is nothing to prove or to do.
  if (severity === 'note')
    return [head, ...paragraph(finding.cause), style.dim(`${INDENT}finwait explain ${code}`)];
  return [
    head,
    // The list has it, right above, where it is the only one.
    ...(isOnly ? [] : [...paragraph(finding.title), '']),
    ...titled(`Cause (${finding.confidence}: ${finding.confidenceReason})`, [finding.cause], style),
    ...(before?.remedies === remedies && before.notToDo === notToDo
      ? [`${INDENT}What to do and what not: as above`, '']
      : [
          ...titled('What to do', numbered(remedies), style),
          ...titled(
            'What not to do',
            notToDo.map((text) => `- ${text}`),
            style,
          ),
        ]),
    ...proof(finding, options),
  ];
}

/** When it was seen, and where to look: flows with their frames, the SQL, the article. */
function proof(finding: Finding, { database, utc, style, sql }: DiagnosisTextOptions): string[] {
  const { code, evidence, sinceUs, untilUs } = finding;
  const example = evidence.flows[0];
  const item = `${INDENT}${INDENT}`;
  return [
    ...wrapped(numbersText(evidence.numbers, utc), INDENT, item),
    style.bold(`${INDENT}Seen ${isoTime(sinceUs, utc)} to ${isoTime(untilUs, utc)}`),
    ...evidence.flows.flatMap((flow) => wrapped(exampleText(flow), item, `${item}${INDENT}`)),
    ...(sql ? evidence.sql.split('\n').map((line) => `${item}${printable(line)}`) : []),
    ...(example ? [style.dim(`${INDENT}finwait show ${shellWord(printable(database))} ${example.id}`)] : []),
    style.dim(`${INDENT}finwait explain ${code}`),
  ];
}

function emphasis(severity: Finding['severity'], style: Style): (text: string) => string {
  return isAtLeast(severity, 'warning') ? style.warn : (text) => text;
}

function titled(title: string, texts: readonly string[], style: Style): string[] {
  if (texts.length === 0) return [];
  const lines = texts.flatMap((text) => wrapped(text, `${INDENT}${INDENT}`, hanging(text)));
  const heading = wrapped(title, INDENT, `${INDENT}${INDENT}`).map((line) => style.bold(line));
  return [...heading, ...lines, ''];
}

function numbered(texts: readonly string[]): string[] {
  return texts.map((text, i) => `${i + 1}. ${text}`);
}

/** Later lines of a list's item begin where its text does. */
function hanging(text: string): string {
  const [mark = ''] = /^(?:\d+\.|-) /.exec(text) ?? [];
  return INDENT + INDENT + ' '.repeat(mark.length);
}

function paragraph(text: string): string[] {
  return wrapped(text, INDENT, INDENT);
}

function wrapped(text: string, indent: string, later: string): string[] {
  const [first = '', ...rest] = wordsOf(printable(text));
  return wrapWords([indent + first, ...rest], TEXT_WIDTH, later);
}

/** A row for each of the subjects that are not shown in full, with as many of the numbers as there is room for. */
function theOthers(findings: readonly Finding[], { utc, style }: DiagnosisTextOptions): string[] {
  const shown = findings.slice(0, MAX_ROWS);
  const names = Object.keys(shown[0]!.evidence.numbers);
  const more = findings.length - shown.length;
  return [
    style.bold(`${INDENT}${shown[0]!.code}: ${counted(findings.length, 'more subject')}`),
    ...othersTable(shown, names, utc),
    ...(more > 0 ? [`${INDENT}${INDENT}… and ${count(more)} more: --format json has all`] : []),
  ];
}

function othersTable(findings: readonly Finding[], names: readonly string[], utc: boolean): string[] {
  const rows = findings.map(({ severity, subject, count: n, evidence }) => [
    severity,
    subject,
    count(n),
    ...names.map((name) => {
      const value = evidence.numbers[name];
      return value === undefined ? '-' : valueText(name, value, utc);
    }),
  ]);
  const head = ['', 'subject', 'count', ...names.map(numberName)];
  const right = head.map((_, i) => i > 1);
  const lines = tableLines(rows, { head, right, indent: INDENT + INDENT });
  const fits = names.length === 0 || lines.every((line) => textWidth(line) <= TEXT_WIDTH);
  return fits ? lines : othersTable(findings, names.slice(0, -1), utc);
}

/** Findings of one code stand together, where the worst of them stands. */
function byCode(findings: readonly Finding[]): Finding[][] {
  return grouped(findings, ({ code }) => code);
}
