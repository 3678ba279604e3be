import { count, counted, duration } from '../../report/units.ts';
import { fitting, type Line, type Part, part } from './screen-line.ts';
import { clockText, elapsedUs, type Pace, perSecond, rateText } from './screen-pace.ts';
import { type HolderOrder, holderName, holdersOf, type LiveView } from './view.ts';

// The lines of the live screen that are text, each in several lengths.

/** A CLOSE_WAIT that is older is no matter of a program's next turn. */
const STUCK_US = 3_000_000;
const GAP = part('  ');

/** What is captured, since when, and how much comes in. */
export function headLine(view: LiveView, pace: Pace, paused: boolean, columns: number): Line {
  const { source, via, openFlows, flows } = view;
  const clock = clockText(elapsedUs(view));
  const since = paused ? part(`paused at ${clock}`, 'alert') : part(clock);
  const rate = rateText(perSecond(pace, ({ packets }) => packets));
  const open = count(openFlows);
  const title = part(`finwait live ${source} (${via})`, 'bold');
  return fitting(
    [
      spaced([
        title,
        since,
        part(`${rate} packets/s`),
        part(`${counted(openFlows, 'flow')} open, ${count(flows)} seen`),
      ]),
      spaced([title, since, part(`${rate} packets/s`), part(`${open} open`)]),
      spaced([part(`${source} (${via})`, 'bold'), since, part(`${rate} packets/s`), part(`${open} open`)]),
      spaced([part(source, 'bold'), since, part(`${rate}/s`), part(`${open} open`)]),
      spaced([since, part(`${rate} packets/s`), part(`${open} open`)]),
    ],
    columns,
  );
}

/** The largest holder whose CLOSE_WAITs are not just passing: `41 flows stand in CLOSE_WAIT on 10.0.0.7:8080, ...` */
export function stuckLine(view: LiveView, columns: number): Line | undefined {
  const holder = holdersOf(view, 'CLOSE_WAIT', 'count').find(({ longestUs }) => longestUs >= STUCK_US);
  if (holder === undefined) return undefined;
  const { count: n, endpoint, port } = holder;
  const name = endpoint === 'server' ? holderName(holder) : `client ${holderName(holder)}`;
  const short = port === null ? name : `:${port}`;
  const time = duration(holder.longestUs);
  const many = n === 1 ? 'for' : 'the longest for';
  return fitting(
    [
      `${counted(n, 'flow')} ${n === 1 ? 'stands' : 'stand'} in CLOSE_WAIT on ${name}, ${many} ${time} by now`,
      `${counted(n, 'flow')} in CLOSE_WAIT on ${name}, ${many} ${time}`,
      `${count(n)} in CLOSE_WAIT on ${name}, ${time}`,
      `${count(n)} in CLOSE_WAIT on ${short}, ${time}`,
    ].map((text) => [part(text, 'alert')]),
    columns,
  );
}

/** What was lost, how much memory is in use, and what is written. */
export function statusLine(view: LiveView, columns: number): Line {
  const { kernelDrops: drops, unread, gaps, memoryBytes, database } = view;
  const memory = `${count(Math.round(memoryBytes / 1e6))} MB`;
  const [long, short] = lossTexts(drops, unread, gaps);
  const mark = (drops ?? 0) + (unread ?? 0) + (gaps ?? 0) > 0 ? 'warn' : undefined;
  const longer = [part(long, mark), part(`memory ${memory}`)];
  return fitting(
    [spaced([...longer, part(database)]), spaced(longer), spaced([part(short, mark), part(memory)])],
    columns,
  );
}

function lossTexts(
  drops: number | undefined,
  unread: number | undefined,
  gaps: number | undefined,
): [string, string] {
  if (drops === 0 && unread === 0 && gaps === 0) return ['nothing lost', 'nothing lost'];
  const byKernel =
    drops === undefined ? 'kernel drops not known' : `${counted(drops, 'packet')} dropped by the kernel`;
  const missing = gaps === undefined ? 'gaps not known' : `${counted(gaps, 'TCP segment')} missing`;
  const number = (n: number | undefined) => (n === undefined ? '?' : count(n));
  const late = unread ? `, ${count(unread)} not read` : '';
  return [`${byKernel}${late}, ${missing}`, `drops ${number(drops)}${late}, gaps ${number(gaps)}`];
}

/** What can be pressed: the keys, only Ctrl-C, or nothing any more. */
export type KeyHint = 'keys' | 'interrupt' | 'none';

export function keysLine(hint: KeyHint, paused: boolean, order: HolderOrder): Line | undefined {
  if (hint === 'none') return undefined;
  if (hint === 'interrupt') return [part('Ctrl-C quit', 'dim')];
  const pause = paused ? 'p go on' : 'p pause';
  const sort = `s sort by ${order === 'count' ? 'longest' : 'count'}`;
  return [part(`q quit  ${pause}  ${sort}`, 'dim')];
}

function spaced(parts: readonly Part[]): Line {
  return parts.flatMap((each, i) => (i === 0 ? [each] : [GAP, each]));
}
