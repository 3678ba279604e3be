import { readFileSync } from 'node:fs';
import { RULES } from './rules.ts';

/** The folder, seen from the sources and from dist alike. */
const FOLDER = new URL('../../../src/report/diagnose/articles/', import.meta.url);

/** Codes of all findings, each with an article, in the order of the rules. */
export function articleCodes(): string[] {
  return RULES.map(({ code }) => code);
}

/** The article of a finding, in Markdown; undefined where there is no finding of that code. */
export function article(code: string): string | undefined {
  if (!articleCodes().includes(code)) return undefined;
  return readFileSync(new URL(`${code}.md`, FOLDER), 'utf8');
}
