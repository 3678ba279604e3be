import { type Endpoint, STATES } from '../../flow/format/words.ts';
import type { Style } from '../style.ts';
import { cutText, printable, textWidth } from '../text.ts';
import { wordsOf, wrapWords } from '../wrap.ts';
import type { LadderRow } from './rows.ts';
import { flowTime } from './verdict.ts';

// Columns: time, frame, the client's states, a bar, the arrows, a bar, the server's states.

export interface PictureOptions {
  style: Style;
  /** Columns there are: no line is longer. */
  width: number;
}

const STATE_WIDTH = Math.max(...STATES.map((state) => state.length));
/** Between the bars: at least this many columns, and no more than arrows need. */
const NARROWEST = 16;
const WIDEST = 60;
/** `─ text ─►`, `◄─ text ──`: columns of an arrow beside its text. */
const ARROW = 5;

/** The columns' widths. */
interface Columns {
  time: number;
  frame: number;
  inner: number;
}

/** A line before it is put together. `plain` is between the bars, which are those of an arrow where there is one. */
interface Line {
  time: string;
  frame: string;
  client: string;
  between: string;
  bars: readonly [string, string];
  server: string;
  quiet: boolean;
}

/** The rows as lines of at most `width` columns; where the file changes, its name goes before the row. */
export function pictureLines(rows: readonly LadderRow[], options: PictureOptions): string[] {
  const columns = columnsFor(rows, options.width);
  const lines = rows.flatMap((row) => {
    const { newFile } = row;
    const name = newFile === null ? [] : [cutText(`── ${printable(newFile)} ──`, options.width)];
    return [...name, ...rowLines(row, columns).map((line) => assemble(line, columns, options))];
  });
  const head = { time: 'time', frame: 'frame', client: 'client', server: 'server' };
  return [assemble({ ...BLANK, ...head }, columns, options), ...lines];
}

const BLANK: Line = {
  time: '',
  frame: '',
  client: '',
  between: '',
  bars: ['│', '│'],
  server: '',
  quiet: false,
};

function columnsFor(rows: readonly LadderRow[], width: number): Columns {
  const longest = (texts: string[], least: number) =>
    texts.reduce((n, text) => Math.max(n, text.length), least);
  const time = longest(
    rows.map(({ at }) => (at === null ? '' : flowTime(at))),
    'time'.length,
  );
  const frame = longest(
    rows.map(({ frame: number }) => String(number ?? '')),
    'frame'.length,
  );
  const rest = width - (time + 2 + frame + 2 + STATE_WIDTH + 3 + 1 + STATE_WIDTH);
  return { time, frame, inner: Math.min(WIDEST, Math.max(NARROWEST, rest)) };
}

/** A row as lines: as many as its states, its label and its notes need. */
function rowLines({ at, frame, from, label, states, notes }: LadderRow, { inner }: Columns): Line[] {
  const [text, ...more] = wrapWords(label, inner - ARROW);
  const arrows = from === null || text === undefined ? [] : [arrow(from, text, inner)];
  const said = [...more, ...notes.flatMap((note) => wrapWords(wordsOf(note), inner - 3))];
  const between = [...arrows, ...said.map((words) => ({ between: `  ${words}`, quiet: true }))];
  const height = Math.max(between.length, states.client.length, states.server.length);
  return Array.from({ length: height }, (_, i) => ({
    ...BLANK,
    time: i > 0 || at === null ? '' : flowTime(at),
    frame: i > 0 || frame === null ? '' : String(frame),
    client: states.client[i] ?? '',
    server: states.server[i] ?? '',
    ...between[i],
  }));
}

function arrow(from: Endpoint, text: string, inner: number): Partial<Line> {
  const shaft = '─'.repeat(inner - textWidth(text) - ARROW + 1);
  return from === 'client'
    ? { between: `─ ${text} ${shaft}►`, bars: ['├', '│'] }
    : { between: `◄─ ${text} ${shaft}`, bars: ['│', '┤'] };
}

function assemble(line: Line, columns: Columns, { style, width }: PictureOptions): string {
  const { time, frame, client, between, bars, server, quiet } = line;
  const left = `${time.padStart(columns.time)}  ${frame.padStart(columns.frame)}  `;
  const space = ' '.repeat(STATE_WIDTH - client.length);
  const middle = between + ' '.repeat(columns.inner - textWidth(between));
  const plain = `${left}${space}${client} ${bars[0]}${middle}${bars[1]} ${server}`.trimEnd();
  if (textWidth(plain) > width) return cutText(plain, width);
  const state = (name: string) => (name === '' ? '' : style.bold(name));
  const drawn = quiet ? style.dim(middle) : middle;
  return `${left}${space}${state(client)} ${bars[0]}${drawn}${bars[1]} ${state(server)}`.trimEnd();
}
