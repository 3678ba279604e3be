import type { Style } from '../../report/style.ts';
import { closesBlock } from './screen-closes.ts';
import { type Block, beside, blockOf, fitBlocks } from './screen-fit.ts';
import { type Line, paint, widest } from './screen-line.ts';
import { type Pace, RecentViews } from './screen-pace.ts';
import { holdersBlock, statesBlock } from './screen-tables.ts';
import { headLine, type KeyHint, keysLine, statusLine, stuckLine } from './screen-words.ts';
import type { HolderOrder, LiveView } from './view.ts';

/** How a picture is drawn. */
export interface PictureOptions {
  /** Its size at most: columns and lines. */
  columns: number;
  rows: number;
  style: Style;
  /** The picture before stands, whatever the view. */
  paused: boolean;
  sort: HolderOrder;
  keys: KeyHint;
}

/** What is drawn: a view, the one drawn before it, and what rates are measured from. */
interface Picture {
  view: LiveView;
  before: LiveView | undefined;
  pace: Pace;
}

const GAP = 4;
/** Ranks (see Ranked), the rest is in the tables; a blank line matters less than a second close kind. */
const RANK = { head: 0, alert: 1, status: 6, keys: 11, blank: 18 } as const;

/** Draws one view after the other, and knows what has changed and how fast. */
export class LiveScreen {
  readonly #recent = new RecentViews();
  /** A state that had ends once keeps its row: tables that jump cannot be read. */
  readonly #seen = new Set<string>();
  #picture: Picture | undefined;

  /** The lines of a picture; the same view again is the same picture, at another size or in another order. */
  lines(view: LiveView, options: PictureOptions): string[] {
    const { view: shown, before, pace } = this.#pictureOf(view, options.paused);
    const { columns, rows, style, sort, paused } = options;
    const states = statesBlock(shown, before, this.#seen, columns);
    const closes = closesBlock(shown, pace);
    const stuck = stuckLine(shown, columns);
    const keys = keysLine(options.keys, paused, sort);
    const blocks = [
      [line(RANK.head, headLine(shown, pace, paused, columns))],
      stuck === undefined ? [] : [line(RANK.alert, stuck)],
      ...sideBySide(states, closes, columns),
      [holdersBlock(shown, before, sort, columns)],
      [line(RANK.status, statusLine(shown, columns)), ...(keys === undefined ? [] : [line(RANK.keys, keys)])],
    ].filter((section) => section.some(({ ranks }) => ranks.length > 0));
    const spaced = blocks.flatMap((section, i) => (i === 0 ? section : [line(RANK.blank, []), ...section]));
    return fitBlocks(spaced, rows).map((each) => paint(each, columns, style));
  }

  #pictureOf(view: LiveView, paused: boolean): Picture {
    const pace = this.#recent.take(view);
    if (this.#picture !== undefined && (paused || view === this.#picture.view)) return this.#picture;
    for (const { state, client, server } of view.states) if (client + server > 0) this.#seen.add(state);
    this.#picture = { view, before: this.#picture?.view, pace };
    return this.#picture;
  }
}

const line = (rank: number, text: Line): Block => blockOf([{ rank, line: text }]);

function sideBySide(left: Block, right: Block, columns: number): Block[][] {
  const both = beside(left, right, GAP);
  return widest(both.draw(both.ranks.length)) <= columns ? [[both]] : [[left], [right]];
}
