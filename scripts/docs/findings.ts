import { article, EXPLAINED_STATES, stateArticle } from '../../src/report/diagnose/articles.ts';
import type { Rule } from '../../src/report/diagnose/frame/rule.ts';
import { THRESHOLDS } from '../../src/report/diagnose/frame/thresholds.ts';
import { RULES } from '../../src/report/diagnose/rules.ts';
import { code, MADE, page, plain, table } from './markdown.ts';

const INTRODUCTION = `\`finwait diagnose DB\` looks for these, and tells of each who has it, which flows and frames
show it, what to do, what not to do, and the SQL that found it. \`finwait explain CODE\` prints the article.`;

/** docs/findings.md: each finding with its pattern and its article, the thresholds, and the states. */
export function findingsPage(): string {
  return page('findings.md', [
    MADE,
    '# Findings',
    INTRODUCTION,
    table(
      ['finding', 'what it is'],
      RULES.map((rule) => [`[${code(rule.code)}](#${rule.code})`, plain(rule.title)]),
    ),
    '## Thresholds',
    'From when on something is a finding; `--threshold NAME=VALUE` sets another value.',
    table(
      ['threshold', 'default', 'why'],
      THRESHOLDS.map(({ name, unit, default: value, why }) => [code(name), `${value} ${unit}`, plain(why)]),
    ),
    ...RULES.flatMap(section),
    '# States',
    'What `finwait explain STATE` prints.',
    ...EXPLAINED_STATES.flatMap(stateSection),
  ]);
}

/** The article one level deeper, below what the rule looks for. */
function section(rule: Rule): string[] {
  const body = (article(rule.code) ?? '').replace(/^# .*\n/, '').replace(/^(?=#+ )/gm, '#');
  const thresholds = rule.thresholds.map(code).join(', ');
  return [
    `## ${rule.code}`,
    `**Looks for:** ${plain(rule.looksFor)}`,
    ...(thresholds === '' ? [] : [`**Thresholds:** ${thresholds}`]),
    body.trim(),
  ];
}

/** The article of a state, one level deeper. */
function stateSection(state: string): string[] {
  return [(stateArticle(state) ?? '').replace(/^(?=#+ )/gm, '#').trim()];
}
