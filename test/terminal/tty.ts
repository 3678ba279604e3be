// A terminal that keeps what is on it: what the tests of the screen look at.

const ESCAPE = '\x1b';
const TOKEN = new RegExp(`${ESCAPE}\\[([\\d;?]*[A-Za-z])|.`, 'gsu');
const UNFINISHED = new RegExp(`${ESCAPE}(\\[[\\d;?]*)?$`);

/** Understands what finwait writes, and throws on what it does not know. */
export class Tty {
  columns: number;
  rows: number;
  cursorShown = true;
  /** What has left the screen at its top. */
  readonly scrolled: string[] = [];
  #lines: string[] = [''];
  #row = 0;
  #column = 0;
  /** Off while finwait draws. */
  isWrapping = true;
  #rest = '';

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  /** The lines on the screen, from its top to the last that has text. */
  get text(): string {
    return this.#lines.join('\n').replace(/[ \n]+$/, '');
  }

  /** Where the next character goes. */
  get cursor(): { row: number; column: number } {
    return { row: this.#row, column: this.#column };
  }

  /** A narrower terminal wraps what is too wide; one with fewer lines loses those at its top. */
  resize(columns: number, rows: number): void {
    const above = this.#lines.slice(0, this.#row + 1).flatMap((line) => chunks(line, columns));
    const below = this.#lines.slice(this.#row + 1).flatMap((line) => chunks(line, columns));
    this.#lines = [...above, ...below];
    this.#row = above.length - 1;
    this.#column = Math.min(this.#column, columns);
    this.columns = columns;
    this.rows = rows;
    while (this.#lines.length > rows) this.#scroll();
  }

  write(data: string): void {
    const text = this.#rest + data;
    const complete = text.replace(UNFINISHED, '');
    this.#rest = text.slice(complete.length);
    for (const [token, code] of complete.matchAll(TOKEN)) {
      if (code === undefined) this.#put(token);
      else this.#control(code);
    }
  }

  #control(code: string): void {
    const up = /^(\d+)A$/.exec(code);
    if (up !== null) this.#row = Math.max(0, this.#row - Number(up[1]));
    else if (code === '2K') this.#lines[this.#row] = '';
    else if (code === 'J')
      this.#lines = [...this.#lines.slice(0, this.#row), this.#line.slice(0, this.#column)];
    else if (code === '?25l' || code === '?25h') this.cursorShown = code.endsWith('h');
    else if (code === '?7l' || code === '?7h') this.isWrapping = code.endsWith('h');
    else throw new Error(`unknown control sequence: ${code}`);
  }

  get #line(): string {
    return this.#lines[this.#row] ?? '';
  }

  #put(character: string): void {
    if (character === '\r') this.#column = 0;
    else if (character === '\n') this.#down();
    else {
      if (this.#column === this.columns) {
        if (this.isWrapping) [this.#column] = [0, this.#down()];
        else this.#column--;
      }
      const line = this.#line.padEnd(this.#column);
      this.#lines[this.#row] = line.slice(0, this.#column) + character + line.slice(this.#column + 1);
      this.#column++;
    }
  }

  #down(): void {
    this.#row++;
    if (this.#row === this.#lines.length) this.#lines.push('');
    if (this.#lines.length > this.rows) this.#scroll();
  }

  #scroll(): void {
    this.scrolled.push(this.#lines.shift() ?? '');
    this.#row = Math.max(0, this.#row - 1);
  }
}

function chunks(line: string, columns: number): string[] {
  const parts = Math.max(1, Math.ceil(line.length / columns));
  return Array.from({ length: parts }, (_, i) => line.slice(i * columns, (i + 1) * columns));
}
