import { text } from 'node:stream/consumers';
import { type NamedQuery, namedQuery, queryNames } from '../../report/named-query.ts';
import { UsageError } from '../base/exit.ts';
import { didYouMean } from '../base/nearest.ts';

/** One word in lower case is the name of a query: no SQL looks so. */
const NAME = /^[a-z0-9-]*[a-z0-9][a-z0-9-]*$/;
const LIST = 'finwait query --list shows the named queries';

/** The SQL to run; of a named query also what is known of its parameters. */
export type QueryText = Pick<NamedQuery, 'sql' | 'parameters'>;

/**
 * The SQL that the command line asks for: its own, that of a named query, or what comes on standard
 * input with `-` or, if that is no terminal, without anything. Throws a UsageError if there is none.
 */
export async function queryText(query: string | undefined): Promise<QueryText> {
  if (query === undefined && process.stdin.isTTY) {
    throw new UsageError(`which query? SQL, a named query, or - for standard input; ${LIST}`);
  }
  if (query === undefined || query === '-') return own(await text(process.stdin));
  if (!NAME.test(query)) return own(query);
  return findQuery(query);
}

function own(sql: string): QueryText {
  if (sql.trim() === '') throw new UsageError(`the query is empty; ${LIST}`);
  return { sql, parameters: [] };
}

/** The named query of that name. Throws a UsageError that names the nearest one. */
export function findQuery(name: string): NamedQuery {
  const query = namedQuery(name);
  if (query !== undefined) return query;
  throw new UsageError(`there is no query named ${name}; ${didYouMean(name, queryNames(), LIST)}`);
}
