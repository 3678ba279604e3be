import type { ReadStream, WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import type { Style } from '../../report/style.ts';
import { printable, textWidth } from '../../report/text.ts';
import { LiveScreen } from './picture.ts';
import { readKeys } from './screen-keys.ts';
import { onLeaving } from './screen-leaving.ts';
import { TerminalOutput } from './screen-output.ts';
import type { KeyHint } from './screen-words.ts';
import type { HolderOrder, LiveView } from './view.ts';

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
/** While a picture is drawn a line that is too wide after all must not become two. */
const NO_WRAP = '\x1b[?7l';
const WRAP = '\x1b[?7h';
const ERASE_LINE = '\x1b[2K';
const ERASE_BELOW = '\x1b[J';

export interface ScreenOptions {
  /** The terminal to draw on: standard output. */
  output: WriteStream & { fd: number };
  /** The terminal whose keys are read; none where it is no terminal, or standard input is the packets' stream. */
  input?: ReadStream | undefined;
  /** q or Ctrl-C was pressed, maybe again and again: the caller ends what it does, then the screen. */
  onQuit: () => void;
  style: Style;
}

/**
 * Views in place on a terminal: each picture takes the place of the one before, what stood above stays, and
 * so does the last picture. Whichever way the process ends, the cursor and the keyboard are as before.
 */
export class Screen {
  readonly #size: WriteStream;
  readonly #output: TerminalOutput;
  readonly #style: Style;
  readonly #live = new LiveScreen();
  readonly #keys: { restore: () => void; resume: () => void } | undefined;
  readonly #leave: () => void;
  #view: LiveView | undefined;
  #paused = false;
  #sort: HolderOrder = 'count';
  /** The lines on the terminal, as wide as they are there. */
  #widths: number[] = [];
  #ended = false;

  constructor({ output, input, onQuit, style }: ScreenOptions) {
    this.#size = output;
    this.#output = new TerminalOutput(output.fd);
    this.#style = style;
    output.on('resize', this.#redraw);
    this.#keys = readKeys(input, {
      quit: onQuit,
      pause: () => {
        this.#paused = !this.#paused;
        this.#redraw();
      },
      sort: () => {
        this.#sort = this.#sort === 'count' ? 'longest' : 'count';
        this.#redraw();
      },
    });
    this.#leave = onLeaving({ restore: () => this.#restore(), resume: () => this.#resume() });
    this.#output.write(HIDE_CURSOR);
  }

  /** Shows a view, unless the picture is paused or the terminal has not yet taken the one before. */
  draw(view: LiveView): void {
    this.#view = view;
    if (this.#output.isReady()) this.#redraw();
  }

  /** Puts a line above the picture, where it stays. */
  say(message: string): void {
    this.#output.write(`${this.#toTop()}${ERASE_BELOW}${printable(message)}\r\n`);
    this.#widths = [];
    this.#redraw();
  }

  /** Draws the last view, leaves it standing and gives the terminal back. */
  end(): void {
    if (this.#ended) return;
    this.#paused = false;
    this.#draw('none');
    this.#leave();
    this.#restore();
    this.#ended = true;
    this.#size.off('resize', this.#redraw);
    this.#output.close();
  }

  readonly #redraw = (): void => this.#draw(this.#keys === undefined ? 'interrupt' : 'keys');

  #draw(keys: KeyHint): void {
    if (this.#view === undefined || this.#ended) return;
    const lines = this.#live.lines(this.#view, {
      columns: this.#columns,
      rows: Math.max(1, (this.#size.rows || 24) - 1), // the last line is the prompt's that comes after
      style: this.#style,
      paused: this.#paused,
      sort: this.#sort,
      keys,
    });
    const last = lines.length - 1;
    const text = lines.map((line, i) => (i === last ? ERASE_BELOW : ERASE_LINE) + line).join('\r\n');
    this.#output.write(this.#toTop() + NO_WRAP + text + WRAP);
    this.#widths = lines.map((line) => textWidth(stripVTControlCharacters(line)));
  }

  /** A terminal that does not know its size says 0. */
  get #columns(): number {
    return this.#size.columns || 80;
  }

  /** To the start of the picture's first line. A terminal that became narrower has wrapped what was wider. */
  #toTop(): string {
    const columns = this.#columns;
    const height = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    return height > 1 ? `\r\x1b[${height - 1}A` : '\r';
  }

  /** Leaves the picture and gives the terminal back. */
  #restore(): void {
    if (this.#ended) return;
    this.#output.write(`${this.#widths.length > 0 ? '\r\n' : ''}${SHOW_CURSOR}`);
    this.#widths = [];
    this.#keys?.restore();
  }

  #resume(): void {
    this.#output.write(HIDE_CURSOR);
    this.#keys?.resume();
    this.#redraw();
  }
}
