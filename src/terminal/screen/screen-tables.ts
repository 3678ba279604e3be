import { STATES } from '../../flow/format/words.ts';
import { count, duration } from '../../report/units.ts';
import { type Block, blockOf } from './screen-fit.ts';
import { type GridColumn, gridLines, type Line, type Part, part, widest } from './screen-line.ts';
import {
  HELD_STATES,
  type HolderOrder,
  holderName,
  holdersOf,
  type LiveHolder,
  type LiveView,
} from './view.ts';

// The tables of states and of the holders of waits. Ranks decide which lines go first if there is no room (see screen.ts).

const NUMBER: GridColumn = { right: true, least: 7 };
const CHANGE: GridColumn = { least: 4, gap: 1 };
/** The holders' table where every column counts. */
const BARE: readonly GridColumn[] = [{}, {}, { right: true, gap: 1 }, { right: true, gap: 1 }];

/**
 * Ends in each state, and the change since the picture before. CLOSE_WAIT matters most, then what most
 * ends are in; states that are empty now, but were not, matter least.
 *
 * @param seen the states that have a row, empty or not
 */
export function statesBlock(
  view: LiveView,
  before: LiveView | undefined,
  seen: ReadonlySet<string>,
  columns: number,
): Block {
  const now = new Map(view.states.map((row) => [row.state, row]));
  const old = new Map(before?.states.map((row) => [row.state, row]));
  const rows = STATES.filter((state) => seen.has(state)).map(
    (state) => now.get(state) ?? { state, client: 0, server: 0 },
  );
  if (rows.length === 0) return blockOf([{ rank: 2, line: [part('no open connection', 'dim')] }]);
  const lines = rows.map(({ state, client, server }): Line => {
    const was = before === undefined ? { client, server } : (old.get(state) ?? { client: 0, server: 0 });
    return [
      part(state, state === 'CLOSE_WAIT' && server + client > 0 ? 'warn' : undefined),
      ...numberAndChange(client, was.client),
      ...numberAndChange(server, was.server),
    ];
  });
  const head = [part('state', 'bold'), part('clients', 'bold'), part(''), part('servers', 'bold')];
  const grid = { least: 12 };
  const whole = gridLines([head, ...lines], [grid, NUMBER, CHANGE, NUMBER, CHANGE]);
  const plain = gridLines([head, ...lines].map(withoutChange), [grid, NUMBER, NUMBER]);
  const drawn = widest(whole) <= columns ? whole : plain;
  const ends = ({ state, client, server }: (typeof rows)[number]) =>
    state === 'CLOSE_WAIT' && client + server > 0 ? Infinity : client + server;
  const largest = [...rows].sort((a, b) => ends(b) - ends(a));
  return blockOf([
    { rank: 2, line: drawn[0]! },
    ...rows.map((row, i) => ({
      rank: ends(row) === 0 ? 60 : ([3, 4, 5, 7][largest.indexOf(row)] ?? 20 + largest.indexOf(row)),
      line: drawn[i + 1]!,
    })),
  ]);
}

const withoutChange = (row: Line): Line => row.filter((_, i) => i !== 2 && i !== 4);

/** The holders of each state's waits; if there is no room for all, the first of each state stay longest. */
export function holdersBlock(
  view: LiveView,
  before: LiveView | undefined,
  order: HolderOrder,
  columns: number,
): Block {
  const held = HELD_STATES.flatMap((state, s) =>
    holdersOf(view, state, order).map((holder, place) => ({
      holder,
      rank: place === 0 ? 8 + s : 30 + place * 3 + s,
    })),
  );
  if (held.length === 0) return blockOf([]);
  const old = new Map(before?.holders.map((holder) => [keyOf(holder), holder.count]));
  const rows = held.map(({ holder }): Line => {
    const name = holderName(holder);
    return [
      part(holder.state),
      part(`${holder.endpoint} ${name}`),
      ...numberAndChange(holder.count, before === undefined ? holder.count : (old.get(keyOf(holder)) ?? 0)),
      part(duration(holder.longestUs)),
    ];
  });
  const title = `holder, ${order === 'count' ? 'largest' : 'longest'} first`;
  const head = [
    part('waits', 'bold'),
    part(title, 'bold'),
    part('count', 'bold'),
    part(''),
    part('longest', 'bold'),
  ];
  const lines = narrowed([head, ...rows], columns);
  return blockOf([
    { rank: 16, line: lines[0]! },
    ...held.map(({ rank }, i) => ({ rank, line: lines[i + 1]! })),
  ]);
}

/** The holders' table as it fits: without changes, or without the word before the address as well. */
function narrowed(rows: readonly Line[], columns: number): Line[] {
  const whole = gridLines(rows, [{ least: 10 }, { least: 28 }, NUMBER, CHANGE, { right: true, least: 7 }]);
  if (widest(whole) <= columns) return whole;
  const fewer = rows.map((row): Line => row.filter((_, i) => i !== 3));
  const narrow = gridLines(fewer, [{ least: 10 }, {}, { right: true }, { right: true }]);
  if (widest(narrow) <= columns) return narrow;
  const others = widest(gridLines(fewer.map(withoutName), BARE));
  const room = Math.max(columns - others, 8);
  const bare = fewer.map((row): Line => row.map((cell, i) => (i === 1 ? bareName(cell, room) : cell)));
  return gridLines(bare, BARE);
}

const withoutName = (row: Line): Line => row.map((cell, i) => (i === 1 ? part('') : cell));

/** An address says most at its end: there is the host, and the port. */
function bareName({ text, mark }: Part, room: number): Part {
  const bare = text.replace(/^(client|server) |, .*$/, '');
  return part(bare.length <= room ? bare : `…${bare.slice(1 - room)}`, mark);
}

const keyOf = ({ state, endpoint, ip, port }: LiveHolder) => `${state} ${endpoint} ${ip} ${port}`;

/** `41` and `+3`, `-1`, or nothing if nothing has changed; what is and was 0 is a dash. */
function numberAndChange(now: number, was: number): Line {
  if (now === was) return [part(now === 0 ? '-' : count(now)), part('')];
  return [part(count(now)), part(now > was ? `+${count(now - was)}` : count(now - was), 'dim')];
}
