import type { Database } from 'better-sqlite3';
import { type Command, Option } from 'commander';
import { ENDPOINTS, type Endpoint } from '../../flow/format/words.ts';
import type { Network } from '../../report/addresses.ts';
import { isForPeople } from '../../report/rows.ts';
import type { Span } from '../../report/states/span.ts';
import type { StatesFilter } from '../../report/states/states.ts';
import { count } from '../../report/units.ts';
import { printError, UsageError } from '../base/exit.ts';
import { print } from '../base/output.ts';
import {
  addRowsOptions,
  DATABASE,
  EXIT_CODES,
  printAnswer,
  type RowsFlags,
  withDatabase,
} from '../options/database.ts';
import { parsePositiveDuration } from '../options/duration.ts';
import { INSTANTS, parseInstant } from '../options/instant.ts';
import { parseIp } from '../options/option-values.ts';

/** More steps in a table nobody reads, and which states it needs is known only when all have been counted. */
const MAX_STEPS = 100_000;

interface StatesFlags extends RowsFlags {
  at?: string;
  every?: number;
  until?: string;
  endpoint?: Endpoint | 'both';
  ip?: Network;
  netstat?: true;
}

/** `finwait states`: a netstat of the past. */
export function addStates(program: Command): void {
  const command = program
    .command('states')
    .summary('count the ends in each state at any instant: a netstat of the past')
    .description(
      'Counts in which states the clients and the servers were at an instant of the capture, or at ' +
        'every step of time. An end counts from its first captured segment until it was CLOSED; where ' +
        'nothing shows an end of it, until the capture ended.',
    )
    .argument(...DATABASE)
    .option('--at <time>', `the instant: ${INSTANTS} (default: end; with --every: start)`)
    .option('--every <step>', 'one row per step from --at on, such as 1s or 500ms', parsePositiveDuration)
    .option('--until <time>', 'where --every ends (default: end)')
    .addOption(
      new Option('--endpoint <end>', 'which ends to count').choices([...ENDPOINTS, 'both']).default('both'),
    )
    .option('--ip <address>', 'only ends with this address, or in its network as in 10.0.0.0/8', parseIp)
    .addOption(
      new Option(
        '--netstat',
        'print what netstat -n, counted by state, would have on the host --ip',
      ).conflicts('every'),
    );
  addRowsOptions(command)
    .addHelpText(
      'after',
      `
Example:
  finwait states web.sqlite
  finwait states web.sqlite --at 14:05:09.25
  finwait states web.sqlite --every 1s --format csv > states.csv
  finwait states web.sqlite --at +30 --netstat --ip 10.0.0.7

${EXIT_CODES}`,
    )
    .action(runStates);
}

async function runStates(path: string, flags: StatesFlags): Promise<void> {
  if (flags.netstat && flags.ip === undefined)
    throw new UsageError('--netstat is of one host: give its --ip');
  if (flags.until !== undefined && flags.every === undefined) throw new UsageError('--until needs --every');
  await withDatabase(path, async (db) => {
    const { readSpan } = await import('../../report/states/span.ts');
    const span = readSpan(db);
    if (span === undefined) throw new UsageError(`${path}: its captures hold no packets`);
    if (flags.every === undefined) await printInstant(db, span, flags);
    else await printSeries(db, span, flags.every, flags);
  });
}

async function printInstant(db: Database, span: Span, flags: StatesFlags): Promise<void> {
  const { netstatAt, statesAt, unknownIn } = await import('../../report/states/states.ts');
  const { gapAround } = await import('../../report/states/span.ts');
  const { counted, isoTime } = await import('../../report/units.ts');
  const utc = flags.utc ?? false;
  const atUs = parseInstant(flags.at ?? 'end', span, utc);
  const gap = gapAround(db, atUs);
  if (gap !== undefined) {
    const [from, to] = [gap.firstUs, gap.lastUs].map((us) => isoTime(us, utc));
    printError(`nothing was captured from ${from} to ${to}`);
  }
  if (flags.netstat) {
    const netstat = netstatAt(db, atUs, filterOf(flags));
    if (netstat.unknown > 0)
      printError(`${counted(netstat.unknown, 'more socket')}, whose state the capture does not show`);
    if (flags.format !== 'table') return printAnswer(netstat, flags);
    return print(Array.from(netstat.rows, ([state, sockets]) => `${state} ${sockets}\n`));
  }
  const states = statesAt(db, atUs, filterOf(flags));
  const unknown = unknownIn(states);
  if (unknown > 0) printError(`${counted(unknown, 'end')} UNKNOWN: the capture does not show the state`);
  if (flags.format === 'table') await print([`${isoTime(atUs, utc)}\n`]);
  await printAnswer(states, flags);
}

async function printSeries(db: Database, span: Span, stepUs: number, flags: StatesFlags): Promise<void> {
  const { statesEvery, withoutEmptyStates } = await import('../../report/states/states.ts');
  const instant = (text: string) => parseInstant(text, span, flags.utc ?? false);
  const steps = { fromUs: instant(flags.at ?? 'start'), toUs: instant(flags.until ?? 'end'), stepUs };
  if (steps.toUs < steps.fromUs) throw new UsageError('--until is before --at');
  const length = Math.floor((steps.toUs - steps.fromUs) / stepUs) + 1;
  if (isForPeople(flags.format) && length > MAX_STEPS) {
    throw new UsageError(`${count(length)} steps are too many for a table; take a larger --every, or csv`);
  }
  const answer = statesEvery(db, steps, filterOf(flags));
  if (!isForPeople(flags.format)) return printAnswer(answer, flags);
  const shown = withoutEmptyStates(answer);
  if (shown.fields.some(({ name }) => name === 'UNKNOWN'))
    printError('UNKNOWN: ends whose state the capture does not show');
  await printAnswer(shown, flags);
}

function filterOf({ endpoint, ip }: StatesFlags): StatesFilter {
  return { endpoint: endpoint === 'both' ? undefined : endpoint, network: ip };
}
