import type { Database } from 'better-sqlite3';
import type { Command } from 'commander';
import { FORMATS } from '../../report/rows.ts';
import { UsageError } from '../base/exit.ts';
import { outputLayout, print } from '../base/output.ts';
import { addFormatOptions, DATABASE, type RowsFlags, UTC, withDatabase } from '../options/database.ts';

const SHOW_FORMATS = [...FORMATS, 'mermaid'] as const;
type ShowFormat = (typeof SHOW_FORMATS)[number];
type ShowFlags = Omit<RowsFlags, 'format'> & { format: ShowFormat };

/** `finwait show`: the ladder of a flow. */
export function addShow(program: Command): void {
  const command = program
    .command('show')
    .summary('draw one connection: segments, states of both ends, verdict')
    .description(
      'Draws a connection as a ladder: the segments that mattered as arrows between client and server, ' +
        'beside them the states that each end entered, below them who closed, how long each end ' +
        'waited and on what evidence that stands.',
    )
    .argument(...DATABASE)
    .argument(
      '<flow>',
      'its number, or its ends in either order, as in 10.0.0.1:40001-10.0.0.2:80 or [::1]:4242-[::1]:80; ' +
        'a part is enough if only one flow matches; a reused 4-tuple shows all its flows',
    );
  addFormatOptions(
    command,
    'table is the picture; md has the picture as a table; mermaid is a sequence diagram for an ' +
      'issue; csv and jsonl have the segments; json has all, in an array where <flow> is no number',
    SHOW_FORMATS,
  )
    .option(...UTC)
    .addHelpText(
      'after',
      `
Example:
  finwait show web.sqlite 7
  finwait show web.sqlite 10.0.0.1:40001-10.0.0.2:80 --format mermaid

Exit codes: 0 done, 2 usage or no such flow, 3 not a database of finwait,
4 permission denied.
`,
    )
    .action(runShow);
}

async function runShow(path: string, flow: string, flags: ShowFlags): Promise<void> {
  const { isFourTuple, findFlows, parseFlowName } = await import('../../report/name.ts');
  const name = parseFlowName(flow);
  if (name === undefined)
    throw new UsageError(`no name of a flow: ${flow} (try 7 or 10.0.0.1:40001-10.0.0.2:80)`);
  await withDatabase(path, async (db) => {
    const ids = findFlows(db, name);
    if (ids.length === 0) throw new UsageError(`${path} has no flow ${flow}`);
    const all = isFourTuple(name) && flags.format !== 'mermaid';
    if (ids.length > 1 && !all) {
      await listChoice(db, ids, flags);
      throw new UsageError(`${ids.length} flows have ${flow}; name one by its number`);
    }
    await print(await pieces(db, ids, 'id' in name, flags));
  });
}

/** The first of the flows that a name could mean, on standard error. */
async function listChoice(db: Database, ids: readonly number[], { utc }: ShowFlags): Promise<void> {
  const { choiceLines } = await import('../../report/flows/choice.ts');
  const lines = choiceLines(db, ids, utc ?? false);
  process.stderr.write(lines.map((line) => `${line}\n`).join(''));
}

async function pieces(
  db: Database,
  ids: readonly number[],
  byId: boolean,
  { format, crlf, utc }: ShowFlags,
): Promise<Iterable<string>> {
  const { readLadders } = await import('../../report/ladder/ladder.ts');
  const { ladderPieces } = await import('../../report/ladder/formats.ts');
  const layout = outputLayout();
  return ladderPieces(readLadders(db, ids), {
    ...layout,
    width: layout.width ?? 80,
    format,
    crlf,
    utc: utc ?? false,
    asArray: !byId,
    ascii: !isUtf8Locale(process.env),
  });
}

/** Whether box-drawing signs may be used. An unset locale does not forbid them. */
export function isUtf8Locale({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG;
  return !locale || /utf-?8/i.test(locale);
}
