import { LINK_TYPES } from '../../src/capture/base/link-types.ts';
import type { WordTable } from '../../src/flow/format/word-table.ts';
import { CREATE_INDEXES } from '../../src/record/schema/schema.ts';
import { anchor, code, fenced, MADE, page, plain, table } from './markdown.ts';
import { type Relation, relations } from './relations.ts';
import { WORD_TABLES } from './words.ts';

const INDEXES = CREATE_INDEXES.map((sql) => code(sql.replace(/^.* ON /, ''))).join(', ');

const INTRODUCTION = [
  `A database of finwait is one SQLite file. Any client reads it as it is: \`sqlite3\`, Python's \`sqlite3\`,
datasette, Grafana's SQLite source. Its views need nothing but SQLite 3.28 with JSON1, no extension and no function
of finwait. \`sqlite3 DB .schema\` prints what this page says.`,
  '## How to read it',
  `**Ask the views.** Their names and columns stay. The tables below them hold the same in compact form and
change as speed demands.`,
  `**Both ends.** A flow is one TCP connection with two endpoints, \`client\` and \`server\`. In \`flows\` each has
its columns; in the other views \`endpoint\` says which one a row is about.`,
  `**Joins.** \`flow_id\` is \`flows.id\`, \`capture_id\` is \`captures.id\`:`,
  fenced(
    'sql',
    `SELECT f.server_ip, f.server_port, c.ended_by, count(*) AS sockets
FROM close_waits AS c JOIN flows AS f ON f.id = c.flow_id
WHERE c.endpoint = 'server' GROUP BY 1, 2, 3 ORDER BY sockets DESC;`,
  ),
  `**Times** are whole microseconds since the epoch, in UTC, in columns ending \`_us\`; durations are microseconds
too. A difference of two times is a duration. To read them as a date:`,
  fenced(
    'sql',
    `SELECT id, strftime('%Y-%m-%d %H:%M:%f', first_us / 1e6, 'unixepoch', 'localtime') AS first FROM flows LIMIT 10;`,
  ),
  `**NULL** is what no packet shows: a time of something that was not seen, a word where there is nothing to
judge. \`left_us\` is NULL where the capture ended before the state did: the state is censored, it lasted at least
that long, and nothing is claimed about its end.`,
  `**A life in order.** One segment can show two states at the same instant, so a path is ordered by time, then
by step:`,
  fenced(
    'sql',
    `SELECT endpoint, state, entered_us, left_us, evidence
FROM state_intervals WHERE flow_id = 1 ORDER BY endpoint, entered_us, step;`,
  ),
  `**Speed.** There are indexes on ${INDEXES} only; all else is a scan, some tenths of a second for a million flows. \`state_intervals\` has up to twenty rows a flow: name the \`endpoint\` and the
\`state\` where you can, and SQLite reads only those.`,
];

/** docs/schema.md: every table and view with every column, and the words that columns have. */
export function schemaPage(): string {
  const all = relations();
  const lists = [...WORD_TABLES, linkTypes()];
  const views = all.filter(({ kind }) => kind === 'view');
  const tables = all.filter(({ kind }) => kind === 'table');
  return page('schema.md', [
    MADE,
    '# The database',
    ...INTRODUCTION,
    table(
      ['view or table', 'one row per'],
      [...views, ...tables].map(({ name, comment }) => [
        `[${code(name)}](#${anchor(name)})`,
        plain(rowOf(comment)),
      ]),
    ),
    ...[...views, ...tables].flatMap((relation) => section(relation, lists)),
    '## Words',
    ...lists.flatMap(wordSection),
  ]);
}

/** The numbers in captures.link_types that are decoded. */
function linkTypes(): WordTable {
  return {
    columns: ['captures.link_types'],
    about:
      'The link types that finwait decodes, by LINKTYPE number; frames of any other are skipped as unknown-link.',
    words: LINK_TYPES.toSorted((a, b) => a.number - b.number).map(({ number, name, frame }) => ({
      word: String(number),
      meaning: `${name}: ${frame}`,
    })),
  };
}

/** `one row per capture file` without its first words. */
function rowOf(comment: string): string {
  return comment.replace(/^one (?:compact )?row per /, '');
}

function section({ name, comment, columns, kind }: Relation, lists: readonly WordTable[]): string[] {
  const typed = kind === 'table';
  const rows = columns.map((column) => {
    const list = lists.find((words) => words.columns.includes(`${name}.${column.name}`));
    const link = list ? ` ([words](#${anchor(heading(list))}))` : '';
    return [code(column.name), ...(typed ? [column.type] : []), plain(column.comment) + link];
  });
  return [
    `## ${name}`,
    `A ${kind}: ${plain(comment)}.`,
    table(['column', ...(typed ? ['type'] : []), 'meaning'], rows),
  ];
}

const heading = ({ columns }: WordTable) => columns.join(', ');

function wordSection(list: WordTable): string[] {
  const rows = list.words.map(({ word, meaning }) => [code(word), plain(meaning)]);
  const explained = list.words.some(({ meaning }) => meaning !== '');
  return [
    `### ${heading(list)}`,
    plain(list.about),
    explained ? table(['word', 'meaning'], rows) : rows.map(([word]) => word).join(', '),
  ];
}
