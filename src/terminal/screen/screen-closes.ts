import { count } from '../../report/units.ts';
import { type Block, blockOf } from './screen-fit.ts';
import { gridLines, type Line, part } from './screen-line.ts';
import { type Pace, perSecond, rateText } from './screen-pace.ts';
import type { LiveView } from './view.ts';

const CLOSED_FIRST = { client: 'client first', server: 'server first', both: 'both at once' } as const;

/** Closes by kind, then by who closed first: how many a second now, and since the start. */
export function closesBlock({ closes, closedFirst }: LiveView, pace: Pace): Block {
  const row = (word: string, total: number, of: (view: LiveView) => number | undefined): Line => {
    const rate = perSecond(pace, (view) => of(view) ?? 0);
    return [part(word), part(rate === 0 ? '-' : rateText(rate)), part(count(total))];
  };
  const kinds = closes
    .filter((close) => close.count > 0)
    .map(({ kind, count: total }) =>
      row(kind, total, (view) => view.closes.find((close) => close.kind === kind)?.count),
    );
  const ends = closedFirst
    .filter((first) => first.count > 0)
    .map(({ end, count: total }) =>
      row(CLOSED_FIRST[end], total, (view) => view.closedFirst.find((first) => first.end === end)?.count),
    );
  if (kinds.length === 0) return blockOf([{ rank: 12, line: [part('no close complete yet', 'dim')] }]);
  const head = [part('closes', 'bold'), part('per s', 'bold'), part('total', 'bold')];
  const between = ends.length > 0 ? [{ rank: 45, row: [] }] : [];
  const rows: { rank: number; row: Line }[] = [
    { rank: 13, row: head },
    ...kinds.map((each, i) => ({ rank: [12, 14, 15][i] ?? 39, row: each })),
    ...between,
    ...ends.map((each) => ({ rank: 17, row: each })),
  ];
  const lines = gridLines(
    rows.map((each) => each.row),
    [{ least: 12 }, { right: true, least: 6 }, { right: true, least: 9 }],
  );
  return blockOf(lines.map((line, i) => ({ rank: rows[i]!.rank, line })));
}
