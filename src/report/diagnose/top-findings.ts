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

/** Notes that the summary has, too: what people come with, and need not worry about. */
export const SUMMARY_NOTES: readonly string[] = ['time-wait-harmless'];

/** The worst kinds of findings and SUMMARY_NOTES, as in the list of diagnose, and how to see more; '' if there is none. */
export function topFindings(
  { findings }: Diagnosis,
  { database, width, style }: { database: string; width: number | undefined; style: Style },
): string {
  const serious = findings.filter(({ severity }) => isAtLeast(severity, 'warning'));
  const notes = findings.filter(({ code }) => SUMMARY_NOTES.includes(code));
  if (serious.length + notes.length === 0) return '';
  const kinds = byKind(serious);
  const more = kinds.length > TOP ? [`${INDENT}… and ${count(kinds.length - TOP)} more`] : [];
  const columns = Math.min(width ?? TEXT_WIDTH, TEXT_WIDTH) - INDENT.length;
  const lines = [
    style.bold('Findings'),
    ...findingList([...kinds.slice(0, TOP).flat(), ...notes], style, columns).map((line) => INDENT + line),
    ...more,
    style.dim(`${INDENT}finwait diagnose ${shellWord(printable(database))}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
