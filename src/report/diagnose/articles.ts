// src/report/diagnose, what is wrong and why. Its rooms import only from those before them:
// frame < family < findings < these files
// frame: what every finding is made of; family: what several share; findings: one folder per finding, with its rule,
// its advice and its article, none of which knows another. On top the registry, rules.ts.

import { existsSync, readFileSync } from 'node:fs';
import { packaged } from '../../capture/base/packaged.ts';
import { STATES } from '../../flow/format/words.ts';
import { netstatName, stateName } from '../state-spelling.ts';
import { RULES } from './rules.ts';

const FOLDER = packaged('src/report/diagnose/');

/** States that are explained: those of RFC 9293, and UNKNOWN. No packet shows LISTEN, but netstat does. */
export const EXPLAINED_STATES: readonly string[] = ['LISTEN', ...STATES];

/** Codes of all findings, each with an article, in the order of the rules. */
export function articleCodes(): string[] {
  return RULES.map(({ code }) => code);
}

/** The article of a finding, in Markdown; undefined if there is no finding of that code. */
export function article(code: string): string | undefined {
  if (!articleCodes().includes(code)) return undefined;
  return textOf(`findings/${code}/article.md`);
}

/** What a state is, who is in it and what ends it, in Markdown; its name as RFC 9293, netstat or ss spell it. */
export function stateArticle(name: string): string | undefined {
  const state = name.toUpperCase() === 'LISTEN' ? 'LISTEN' : stateName(name);
  return state === undefined ? undefined : textOf(`states/${state}.md`);
}

/** What a state is, in a line. */
export function stateTitle(state: string): string {
  return /^# \w+: (.*)$/m.exec(stateArticle(state) ?? '')?.[1] ?? '';
}

/** Names that can be explained: findings, and states in each spelling. */
export function explainedNames(): string[] {
  return [...articleCodes(), ...new Set([...EXPLAINED_STATES, ...STATES.map(netstatName)])];
}

function textOf(path: string): string {
  const file = new URL(path, FOLDER);
  if (!existsSync(file)) throw new Error(`an article is missing: ${file.pathname}`);
  return readFileSync(file, 'utf8');
}
