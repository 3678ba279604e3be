import type { Style } from '../style.ts';
import { printable, textWidth } from '../text.ts';
import { count } from '../units.ts';
import { TEXT_WIDTH, wordsOf, wrapWords } from '../wrap.ts';
import { type Finding, isAtLeast, SEVERITIES } from './frame/finding.ts';

/** A subject wider than this has its text on the next line. */
const SUBJECT_WIDTH = 34;
const SEVERITY_WIDTH = Math.max(...SEVERITIES.map((severity) => severity.length));
const GAP = '  ';

/**
 * The findings as a list, the worst first: severity, subject, code and title. Those of one kind are one item:
 * `10.0.0.1:80 and 16 more`. Texts are wrapped at `columns`.
 */
export function findingList(findings: readonly Finding[], style: Style, columns = TEXT_WIDTH): string[] {
  const items = byKind(findings).map(([first, ...others]) => ({
    first: first!,
    subject: printable(first!.subject) + (others.length > 0 ? ` and ${count(others.length)} more` : ''),
  }));
  const widths = items.map(({ subject }) => textWidth(subject)).filter((width) => width <= SUBJECT_WIDTH);
  const width = Math.max(0, ...widths);
  return items.flatMap(({ first, subject }) => item(first, subject, width, columns, style));
}

/** Findings of one severity and code together. */
export function byKind(findings: readonly Finding[]): Finding[][] {
  return grouped(findings, ({ severity, code }) => `${severity} ${code}`);
}

/** Findings by what `kind` says of them, in the order of the first of each. */
export function grouped(findings: readonly Finding[], kind: (finding: Finding) => string): Finding[][] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const group = groups.get(kind(finding));
    if (group === undefined) groups.set(kind(finding), [finding]);
    else group.push(finding);
  }
  return [...groups.values()];
}

function item(finding: Finding, subject: string, width: number, columns: number, style: Style): string[] {
  const { severity } = finding;
  const emphasis = isAtLeast(severity, 'warning') ? style.warn : (text: string) => text;
  const text = wordsOf(`${finding.code}: ${printable(finding.title)}`);
  const fits = textWidth(subject) <= width;
  const indent = ' '.repeat(SEVERITY_WIDTH + GAP.length + (fits ? width + GAP.length : 0));
  const [first = '', ...rest] = wrapWords([indent + text[0]!, ...text.slice(1)], columns, indent);
  const head = `${emphasis(severity)}${' '.repeat(SEVERITY_WIDTH - severity.length)}${GAP}${style.bold(subject)}`;
  if (!fits) return [head, first, ...rest];
  return [`${head}${' '.repeat(width - textWidth(subject))}${GAP}${first.trimStart()}`, ...rest];
}
