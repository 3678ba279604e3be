import { type Command, Option } from 'commander';
import { UsageError } from '../base/exit.ts';
import { print } from '../base/output.ts';
import { addFormatOptions, DATABASE, type RowsFlags } from '../options/database.ts';
import { parsePositiveDuration } from '../options/duration.ts';
import { bindParameters, collectParameter, type SqlValues } from '../options/query-parameters.ts';

interface QueryFlags extends RowsFlags {
  list?: true;
  show?: string;
  param?: SqlValues;
  timeout?: number;
}

/** `finwait query`: a question in SQL or by its name, rows out. */
export function addQuery(program: Command): void {
  const command = program
    .command('query')
    .summary('ask a database in SQL, or by the name of a query')
    .description(
      'Runs one SELECT or a named query on a database, which is only read, and prints the rows. ' +
        'Ask flows, state_intervals, close_segments, time_waits, close_waits and captures; ' +
        '"sqlite3 DB .schema" explains their columns.',
    )
    .argument('[db]', DATABASE[1])
    .argument(
      '[query]',
      'SQL, the name of a query, or - for SQL on standard input (the default, if that is no terminal)',
    )
    .addOption(new Option('-l, --list', 'list the named queries; a database is not needed').conflicts('show'))
    .option('--show <name>', 'print the SQL of a named query; a database is not needed')
    .option(
      '-p, --param <name=value>',
      'value of :name in the query, repeatable; numbers are numbers, nothing is NULL, all else is text',
      collectParameter,
    )
    .option(
      '-t, --timeout <duration>',
      'stop the query after this time, as in 30s, 500ms, 5min',
      parsePositiveDuration,
    );
  addFormatOptions(command)
    .addHelpText(
      'after',
      `
Example:
  finwait query --list
  finwait query web.sqlite close-wait-leaks
  finwait query web.sqlite states-at --param at=1764000000.5
  finwait query web.sqlite "SELECT close_kind, count(*) FROM flows GROUP BY 1"
  finwait query --format csv web.sqlite - < leaks.sql > leaks.csv

A parameter of a named query that is not given, or is NULL, has the default that
--show tells; SQL of your own needs a value for each. Rows are printed as they
are found; only a table waits, for its first 1,000 rows.

Exit codes: 0 done, 2 usage or an error in the SQL, 3 not a database of finwait,
4 permission denied, 130 interrupted or stopped by --timeout.
`,
    )
    .action(ask);
}

async function ask(path: string | undefined, query: string | undefined, flags: QueryFlags): Promise<void> {
  const { list, show, param = {}, timeout, format, crlf } = flags;
  if (list || show !== undefined) {
    if (show === undefined) return (await import('../query/query-list.ts')).printQueries(flags);
    return print([(await import('../query/query-text.ts')).findQuery(show).sql]);
  }
  if (path === undefined) throw new UsageError('which database? or --list, which shows the named queries');
  const { queryText } = await import('../query/query-text.ts');
  const { runQuery } = await import('../query/query-run.ts');
  const asked = await queryText(query);
  const values = bindParameters(asked, param);
  process.exitCode = await runQuery({ path, sql: asked.sql, values, format, crlf }, timeout);
}
