import { shellWord } from '../../capture/base/shell.ts';
import type { Style } from '../style.ts';
import { printable } from '../text.ts';
import { count } from '../units.ts';
import { TEXT_WIDTH } from '../wrap.ts';
import type { Diagnosis } from './diagnose.ts';
import { byKind, findingList } from './diagnosis-list.ts';
import { isAtLeast } from './frame/finding.ts';

const TOP = 3;
const INDENT = '  ';

/** The worst kinds of findings, as in the list of diagnose, and how to see more; '' if there is none of warning or above. */
export function topFindings(
  { findings }: Diagnosis,
  { database, width, style }: { database: string; width: number | undefined; style: Style },
): string {
  const serious = findings.filter(({ severity }) => isAtLeast(severity, 'warning'));
  if (serious.length === 0) return '';
  const kinds = byKind(serious);
  const more = kinds.length > TOP ? [`${INDENT}… and ${count(kinds.length - TOP)} more`] : [];
  const columns = Math.min(width ?? TEXT_WIDTH, TEXT_WIDTH) - INDENT.length;
  const lines = [
    style.bold('Findings'),
    ...findingList(kinds.slice(0, TOP).flat(), style, columns).map((line) => INDENT + line),
    ...more,
    style.dim(`${INDENT}finwait diagnose ${shellWord(printable(database))}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
