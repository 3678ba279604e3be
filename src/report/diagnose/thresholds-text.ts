import type { Style } from '../style.ts';
import { TEXT_WIDTH, wordsOf, wrapWords } from '../wrap.ts';
import { THRESHOLDS } from './frame/thresholds.ts';

const INDENT = '  ';

/** The thresholds for people: `close-wait-age = 60 s`, and why. */
export function thresholdsText(style: Style): string {
  return THRESHOLDS.flatMap(({ name, unit, default: value, why }) => [
    `${style.bold(name)} = ${value} ${unit}`,
    ...wrapWords(wordsOf(why), TEXT_WIDTH - INDENT.length).map((line) => `${INDENT}${line}`),
  ])
    .map((line) => `${line}\n`)
    .join('');
}
