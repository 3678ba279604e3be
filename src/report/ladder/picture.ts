import { ENDPOINTS, type Endpoint, STATES } from '../../flow/format/words.ts';
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
  client: number;
  inner: number;
  /** Between time, frame and the client's states. */
  gap: number;
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
  if (rest >= NARROWEST) return { time, frame, client: STATE_WIDTH, inner: Math.min(WIDEST, rest), gap: 2 };
  // Narrow: room for no more than these states need.
  const [client, server] = ENDPOINTS.map((end) =>
    longest(
      rows.flatMap(({ states }) => states[end]),
      end.length,
    ),
  ) as [number, number];
  const tight = width - (time + 1 + frame + 1 + client + 3 + 1 + server);
  return { time, frame, client, inner: Math.max(NARROWEST, tight), gap: 1 };
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
  const gap = ' '.repeat(columns.gap);
  const left = `${time.padStart(columns.time)}${gap}${frame.padStart(columns.frame)}${gap}`;
  const space = ' '.repeat(columns.client - client.length);
  const middle = between + ' '.repeat(columns.inner - textWidth(between));
  const plain = `${left}${space}${client} ${bars[0]}${middle}${bars[1]} ${server}`.trimEnd();
  if (textWidth(plain) > width) return cutText(plain, width);
  const state = (name: string) => (name === '' ? '' : style.bold(name));
  const drawn = quiet ? style.dim(middle) : middle;
  return `${left}${space}${state(client)} ${bars[0]}${drawn}${bars[1]} ${state(server)}`.trimEnd();
}
