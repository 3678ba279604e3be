import { ENVIRONMENT, EXIT_CODES, GENERAL } from './facts.ts';
import type { Entry, Help, Section } from './help.ts';
import { anchor, code, fenced, MADE, page, plain, table } from './markdown.ts';

/** docs/commands.md: what --help says of each command. */
export function commandsPage([program, ...commands]: readonly [Help, ...Help[]]): string {
  return page('commands.md', [
    MADE,
    '# Commands',
    plain(program.description),
    fenced('', program.usage),
    table(
      ['command', 'what it does'],
      commands.map(({ name, summary }) => [`[${code(name)}](#${anchor(name)})`, plain(summary)]),
    ),
    entries('option', program.options),
    ...program.sections.flatMap(section),
    ...GENERAL.map(plain),
    entries('exit code', EXIT_CODES.map(entry)),
    entries('variable', ENVIRONMENT.map(entry)),
    ...commands.flatMap((command) => [
      `## ${command.name}`,
      fenced('', command.usage),
      plain(command.description),
      ...(command.arguments.length > 0 ? [entries('argument', command.arguments)] : []),
      ...(command.options.length > 0 ? [entries('option', command.options)] : []),
      ...command.sections.flatMap(section),
    ]),
  ]);
}

function entry([term, description]: readonly [string, string]): Entry {
  return { term, description };
}

function entries(head: string, list: readonly Entry[]): string {
  return table(
    [head, 'meaning'],
    list.map(({ term, description }) => [code(term), plain(description)]),
  );
}

function section(part: Section): string[] {
  if ('lines' in part) return [`${plain(part.title)}:`, fenced('sh', part.lines.join('\n'))];
  return [part.title === '' ? plain(part.text) : `${part.title}: ${plain(part.text)}`];
}
