import { cutText, textWidth } from './text.ts';

/** Columns of what people read, whatever the terminal's width: a common one's, a page's. */
export const TEXT_WIDTH = 80;

/** The words of a text; a number and its unit are one. */
export function wordsOf(text: string): string[] {
  return text.match(/\d[\d.,]* (?:(?:h|min) \d+ )?(?:µs|ms|s|min|h|days?|bytes?)(?!\w)\S*|\S+/g) ?? [];
}

/** Puts words, which stay whole where they fit, into lines of at most `width` columns; later lines are indented. */
export function wrapWords(words: readonly string[], width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line === '' || textWidth(longer) <= width) {
      line = longer;
      continue;
    }
    lines.push(cutText(line, width));
    line = `${indent}${word}`;
  }
  return line === '' ? lines : [...lines, cutText(line, width)];
}
