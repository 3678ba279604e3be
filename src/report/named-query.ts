import { readdirSync, readFileSync } from 'node:fs';
import { packaged } from '../capture/base/packaged.ts';

// The named queries are the .sql files of queries/. The comment that opens a file is its manual:
//   -- Title
//   -- Description, of one line or more.
//   --
//   -- Group: one of QUERY_GROUPS
//   -- :name = default   Meaning, for each parameter; a line that goes on is indented. One whose value
//                        is text, not a number, is written `:name text = default`.

const FOLDER = packaged('src/report/queries/');

/** What named queries are about, in the order in which they are listed. */
export const QUERY_GROUPS = [
  'Closing',
  'TIME_WAIT',
  'CLOSE_WAIT',
  'RST',
  'Opening',
  'States',
  'Captures',
] as const;
export type QueryGroup = (typeof QUERY_GROUPS)[number];

/** A value that a query asks for as `:name`; one that is not given (NULL) has its default. */
export interface QueryParameter {
  name: string;
  /** The default: a number as SQL has it, or words such as `all`. */
  default: string;
  isText: boolean;
  meaning: string;
}

/** A query that ships with the program. */
export interface NamedQuery {
  name: string;
  title: string;
  description: string;
  group: QueryGroup;
  parameters: QueryParameter[];
  /** The whole file. */
  sql: string;
}

/** All named queries, by group, then by name. */
export function namedQueries(): NamedQuery[] {
  const queries = queryNames().map((name) => readQuery(name));
  return QUERY_GROUPS.flatMap((group) => queries.filter((query) => query.group === group));
}

/** The named query of that name; undefined if there is none. */
export function namedQuery(name: string): NamedQuery | undefined {
  return queryNames().includes(name) ? readQuery(name) : undefined;
}

/** The names, in alphabetical order. */
export function queryNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort();
}

function readQuery(name: string): NamedQuery {
  return parseNamedQuery(name, readFileSync(new URL(`${name}.sql`, FOLDER), 'utf8'));
}

/** Reads the comment that opens a query. Throws an Error where it is not in the form above. */
export function parseNamedQuery(name: string, sql: string): NamedQuery {
  const [, comment = ''] = /^((?:--.*\n)+)/.exec(sql) ?? [];
  const lines = comment.split('\n').map((line) => line.replace(/^-- ?/, ''));
  const [title = '', ...rest] = lines;
  const end = rest.indexOf('');
  const description = rest.slice(0, end).join(' ');
  const facts = rest.slice(end + 1).join('\n');
  const [, groupName] = /^Group: (.+)$/m.exec(facts) ?? [];
  const group = QUERY_GROUPS.find((one) => one === groupName);
  if (title === '' || description === '' || group === undefined) {
    throw new Error(`${name}.sql: its comment needs a title, a description and a group`);
  }
  const parameters = [...facts.matchAll(/^:(\w+)( text)? = (.+?) {2,}(.+(?:\n +.+)*)/gm)].map(
    ([, parameter = '', text, value = '', meaning = '']) => ({
      name: parameter,
      default: value,
      isText: text !== undefined,
      meaning: meaning.replace(/\s+/g, ' '),
    }),
  );
  return { name, title, description, group, parameters, sql };
}
