// src/report/diagnose, what is wrong and why. Its rooms import only from those before them:
// frame < family < findings < these files
// frame: what every finding is made of; family: what several share; findings: one folder per finding, with its rule,
// its advice and its article, none of which knows another. On top the registry, rules.ts.

import { existsSync, readFileSync } from 'node:fs';
import { packaged } from '../../capture/base/packaged.ts';
import { RULES } from './rules.ts';

const FOLDER = packaged('src/report/diagnose/findings/');

/** Codes of all findings, each with an article, in the order of the rules. */
export function articleCodes(): string[] {
  return RULES.map(({ code }) => code);
}

/** The article of a finding, in Markdown; undefined if there is no finding of that code. */
export function article(code: string): string | undefined {
  if (!articleCodes().includes(code)) return undefined;
  const file = new URL(`${code}/article.md`, FOLDER);
  if (!existsSync(file)) throw new Error(`the finding ${code} has no article: ${file.pathname}`);
  return readFileSync(file, 'utf8');
}
