import { type NamedQuery, namedQueries } from '../../src/report/named-query.ts';
import { anchor, code, fenced, MADE, page, plain, table } from './markdown.ts';

const INTRODUCTION = `A named query is SQL that ships with the program. \`finwait query DB NAME\` runs it,
\`finwait query --show NAME\` prints it, and \`--param name=value\` gives a parameter another value than its
default. It is plain SQL for any SQLite from 3.38 on: \`finwait query --show NAME | sqlite3 DB\` gives the same
rows, with every parameter at its default.`;

/** docs/queries.md: each named query with its parameters and its SQL. */
export function queriesPage(): string {
  const queries = namedQueries();
  return page('queries.md', [
    MADE,
    '# Named queries',
    INTRODUCTION,
    table(
      ['about', 'query', 'answers'],
      queries.map(({ name, title, group }) => [
        plain(group),
        `[${code(name)}](#${anchor(name)})`,
        plain(title),
      ]),
    ),
    ...queries.flatMap(section),
  ]);
}

function section({ name, title, description, parameters, sql }: NamedQuery): string[] {
  const rows = parameters.map((one) => [code(one.name), plain(one.default), plain(one.meaning)]);
  return [
    `## ${name}`,
    `**${plain(title)}.** ${plain(description)}`,
    ...(rows.length > 0 ? [table(['parameter', 'default', 'meaning'], rows)] : []),
    fenced('sql', sql.replace(/^(--.*\n)+\n*/, '')),
  ];
}
