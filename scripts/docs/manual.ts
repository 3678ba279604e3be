import { readFileSync } from 'node:fs';
import { namedQueries } from '../../src/report/named-query.ts';
import { version } from '../../src/terminal/base/version.ts';
import { ENVIRONMENT, EXIT_CODES, GENERAL } from './facts.ts';
import type { Help, Section } from './help.ts';
import { bold, example, tagged, text, typed, usage, wrapped } from './roff.ts';

const CHANGELOG = new URL('../../CHANGELOG.md', import.meta.url);
const PACKAGE = new URL('../../package.json', import.meta.url);

/** The date of the page before the first release. */
const BEFORE_RELEASES = '2026-11-21';

const FILES = [
  [
    'FILE.sqlite',
    'The database that finwait analyze FILE makes in the current folder, unless --db names another. SQLite reads ' +
      'it without finwait.',
  ],
] as const;

const SEE_ALSO = ['tcpdump(1)', 'tshark(1)', 'sqlite3(1)', 'ss(8)', 'netstat(8)'];

/** man/finwait.1: finwait(1), in the man macros. */
export function manualPage([program, ...commands]: readonly [Help, ...Help[]]): string {
  const { description } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { description: string };
  return [
    '.\\" Made by npm run docs. Change what it is made from, not this page.',
    `.TH FINWAIT 1 "${releaseDate()}" "finwait ${version()}" "User commands"`,
    '.SH NAME',
    wrapped(`finwait \\- ${text(description)}`),
    '.SH SYNOPSIS',
    '.nf',
    ...commands.map((command) => usage(command.usage)),
    '.fi',
    '.SH DESCRIPTION',
    paragraphs([program.description, ...GENERAL]),
    '.SH OPTIONS',
    ...entries(program.options),
    '.SH COMMANDS',
    ...commands.flatMap(command),
    '.SH NAMED QUERIES',
    wrapped(`What ${bold('finwait query')} knows by name:`),
    ...namedQueries().map(({ name, title }) => tagged(bold(name), title)),
    '.SH EXIT STATUS',
    ...EXIT_CODES.map(([code, meaning]) => tagged(bold(code), meaning)),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.map(([name, meaning]) => tagged(bold(name), meaning)),
    '.SH FILES',
    ...FILES.map(([name, meaning]) => tagged(`\\fI${typed(name)}\\fR`, meaning)),
    '.SH EXAMPLES',
    ...program.sections.flatMap((part) => ('lines' in part ? [example(part.lines)] : section(part))),
    '.SH SEE ALSO',
    SEE_ALSO.map((page) => page.replace(/(.*)(\(.*)/, '.BR $1 $2')).join(' ,\n'),
    '',
  ].join('\n');
}

/** That of the newest release in the change log. */
function releaseDate(): string {
  return /^## \[\d.*\] - (\S+)$/m.exec(readFileSync(CHANGELOG, 'utf8'))?.[1] ?? BEFORE_RELEASES;
}

function command(help: Help): string[] {
  return [
    `.SS ${usage(help.usage)}`,
    wrapped(text(help.description)),
    ...entries(help.arguments),
    ...entries(help.options),
    ...help.sections.flatMap(section),
  ];
}

function entries(list: Help['options']): string[] {
  return list.map(({ term, description }) =>
    tagged(usage(/^-/.test(term) ? term : `<${term}>`), description),
  );
}

function section(part: Section): string[] {
  const title = part.title === '' ? '' : `${part.title}:`;
  if ('lines' in part) return ['.PP', title, example(part.lines)];
  return ['.PP', wrapped(text(`${title} ${part.text}`.trim()))];
}

function paragraphs(list: readonly string[]): string {
  return list.map((one) => wrapped(text(one))).join('\n.PP\n');
}
