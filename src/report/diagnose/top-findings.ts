import { shellWord } from '../../capture/base/shell.ts';
import type { Style } from '../style.ts';
import { tableLines } from '../table.ts';
import { printable } from '../text.ts';
import { count } from '../units.ts';
import type { Diagnosis } from './diagnose.ts';
import { isAtLeast } from './frame/finding.ts';

const TOP = 3;
const INDENT = '  ';

/** The worst findings, a line each (cut to `width`), and how to see more; '' if there is none of warning or above. */
export function topFindings(
  { findings }: Diagnosis,
  { database, width, style }: { database: string; width: number | undefined; style: Style },
): string {
  const serious = findings.filter(({ severity }) => isAtLeast(severity, 'warning'));
  if (serious.length === 0) return '';
  const rows = serious
    .slice(0, TOP)
    .map(({ severity, code, subject, title }) => [severity, code, subject, title]);
  const more = serious.length > TOP ? [`${INDENT}… and ${count(serious.length - TOP)} more`] : [];
  const lines = [
    style.bold('Findings'),
    ...tableLines(rows, { indent: INDENT, width }).map(style.warn),
    ...more,
    style.dim(`${INDENT}finwait diagnose ${shellWord(printable(database))}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
