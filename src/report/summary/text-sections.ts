import type { Style } from '../style.ts';
import { tableLines } from '../table.ts';
import { count } from '../units.ts';
import type { WordCounts } from './word-counts.ts';

/** What the lines below a title begin with. */
export const INDENT = '  ';

/** Lines that belong together, under a title that stands out. */
export type Section = string[];

/** The sections that are not empty, a blank line between them. */
export function sectionsText(sections: readonly Section[]): string {
  const lines = sections.filter((each) => each.length > 0).map((each) => each.join('\n'));
  return `${lines.join('\n\n')}\n`;
}

/** A section; none where it has no lines. */
export function section(title: string, lines: readonly string[], style: Style): Section {
  return lines.length === 0 ? [] : [style.bold(title), ...lines];
}

/** A word or what stands in for one, how often it occurs, and a note. */
export type CountRow = readonly [string, string, string];

/** A line per word: how often it occurs, and its note; then `more` such lines. */
export function countLines<Word extends string>(
  counts: WordCounts<Word>,
  notes: (word: Word) => string,
  more: readonly CountRow[] = [],
): string[] {
  const rows = counts.map(({ word, count: n }): CountRow => [word, count(n), notes(word)]);
  for (const row of more) rows.push(row);
  return tableLines(rows, { indent: INDENT, right: [false, true, false] });
}
