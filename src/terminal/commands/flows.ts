import { type Command, InvalidArgumentError, Option } from 'commander';
import { SORTS, STATES_WITH_LENGTH } from '../../report/flows/list-columns.ts';
import { isForPeople } from '../../report/rows.ts';
import { stateName } from '../../report/state-spelling.ts';
import { count, counted } from '../../report/units.ts';
import {
  addRowsOptions,
  DATABASE,
  EXIT_CODES,
  printAnswer,
  type RowsFlags,
  withDatabase,
} from '../options/database.ts';
import { type FilterFlags, filterOptions } from '../options/flows-filters.ts';
import { parseTime } from '../options/instant.ts';
import { wholeNumberFrom } from '../options/option-values.ts';

interface FlowsFlags extends RowsFlags, FilterFlags {
  sort?: string;
  reverse?: true;
  limit?: number;
}

/** Rows in table and md unless --limit is given. */
const SCREENFUL = 20;

/** `finwait flows`: the connections that some filters let pass. */
export function addFlows(program: Command): void {
  const command = program
    .command('flows')
    .summary('list connections by how they closed, their states, ends and waits')
    .description(
      'Lists the connections that pass every filter, one row each. A filter with several values, with ' +
        'commas between them or given again, lets each of them pass. The values of --state, --ip, --port ' +
        'and --longer-than are those of either end; with client: or server: in front, of that end.',
    )
    .argument(...DATABASE);
  for (const option of filterOptions()) command.addOption(option);
  command
    .addOption(
      new Option(
        '-s, --sort <by>',
        'sort by, largest first (id and start: smallest first); a state name sorts by the time spent in it',
      )
        .choices([...SORTS, ...STATES_WITH_LENGTH])
        .argParser(parseSort),
    )
    .option('-r, --reverse', 'the other way round')
    .option(
      '-n, --limit <n>',
      `rows at most, 0 for all (default: ${SCREENFUL} in table and md, all in other formats)`,
      wholeNumberFrom(0),
    );
  addRowsOptions(command)
    .addHelpText(
      'after',
      `
States may be spelled as netstat and ss do: FIN_WAIT1, time-wait.

Example:
  finwait flows web.sqlite --state CLOSE_WAIT --sort CLOSE_WAIT
  finwait flows web.sqlite --kind reset,fin-reset --port server:443
  finwait flows web.sqlite --longer-than CLOSE_WAIT=5s --ip 10.0.0.0/8 -f csv

${EXIT_CODES}`,
    )
    .action(runFlows);
}

async function runFlows(path: string, flags: FlowsFlags): Promise<void> {
  await withDatabase(path, async (db) => {
    const { countAll, listFlows } = await import('../../report/flows/list.ts');
    const { readSpan } = await import('../../report/states/span.ts');
    const { ip, since, until, sort, reverse = false, utc = false, ...filters } = flags;
    const instant = (text: string | undefined) => {
      const span = text === undefined ? undefined : readSpan(db);
      return text === undefined || span === undefined ? undefined : parseTime(text, span, utc);
    };
    const readable = isForPeople(flags.format);
    const limit = flags.limit ?? (readable ? SCREENFUL : 0);
    const { answer, total } = listFlows(db, {
      filters: { ...filters, network: ip, sinceUs: instant(since), untilUs: instant(until) },
      sort,
      reverse,
      limit: limit === 0 ? undefined : limit,
      readable,
    });
    const rows = counting(answer.rows);
    await printAnswer({ ...answer, rows }, flags);
    if (!readable) return;
    if (rows.count === 0) process.stderr.write(`0 of ${counted(countAll(db), 'flow')}\n`);
    else if (rows.count === limit) sayHowMany(limit, total());
  });
}

/** The note below a table that is not the whole. */
function sayHowMany(shown: number, total: number): void {
  if (total > shown) {
    process.stderr.write(`${count(shown)} of ${counted(total, 'flow')}; --limit 0 shows all\n`);
  }
}

/** The same rows; counts how many have been taken. */
function counting<T>(rows: Iterable<T>): Iterable<T> & { count: number } {
  return {
    count: 0,
    *[Symbol.iterator]() {
      for (const row of rows) {
        this.count++;
        yield row;
      }
    },
  };
}

function parseSort(text: string): string {
  const word = SORTS.find((each) => each === text.toLowerCase()) ?? stateName(text);
  if (word === undefined || word === 'CLOSED') {
    throw new InvalidArgumentError(`Allowed choices are ${[...SORTS, ...STATES_WITH_LENGTH].join(', ')}.`);
  }
  return word;
}
