import type { Style } from '../../report/style.ts';
import { cutText, printable, textWidth } from '../../report/text.ts';

// Lines of a picture: their widths are known while styles are not yet in the text.

/** How a part stands out; `alert` more than `warn`. */
export type Mark = keyof Style | 'alert';

/** A part of a line: text without control characters. Made by `part`. */
export interface Part {
  readonly text: string;
  readonly mark: Mark | undefined;
}
export type Line = readonly Part[];

/** A part of any text: control characters become visible. */
export function part(text: string, mark?: Mark): Part {
  return { text: printable(text), mark };
}

/** Columns that a line takes. */
export function lineWidth(line: Line): number {
  return line.reduce((width, { text }) => width + textWidth(text), 0);
}

/** The first line that fits into the columns; where none does, the last. */
export function fitting(lines: readonly Line[], columns: number): Line {
  return lines.find((line) => lineWidth(line) <= columns) ?? lines.at(-1) ?? [];
}

/** A line as text of at most `columns` columns, an ellipsis for what was cut. */
export function paint(line: Line, columns: number, style: Style): string {
  const whole = line.map(({ text }) => text).join('');
  const cut = cutText(whole.trimEnd(), columns);
  let at = 0;
  return line
    .map(({ text, mark }) => {
      const piece = cut.slice(at, at + text.length);
      at += text.length;
      return piece === '' ? '' : marked(piece, mark, style);
    })
    .join('');
}

function marked(text: string, mark: Mark | undefined, style: Style): string {
  if (mark === undefined) return text;
  return mark === 'alert' ? style.bold(style.warn(text)) : style[mark](text);
}

/** A column of a grid: where its cells are aligned, its least width, and the space before it. */
export interface GridColumn {
  right?: boolean;
  least?: number;
  gap?: number;
}

/** Lines of rows that have a part for each column; parts that are missing are empty. */
export function gridLines(rows: readonly Line[], columns: readonly GridColumn[]): Line[] {
  const widths = columns.map(({ least = 0 }, c) =>
    rows.reduce((widest, row) => Math.max(widest, textWidth(row[c]?.text ?? '')), least),
  );
  return rows.map((row) =>
    columns.flatMap(({ right, gap = 2 }, c) => {
      const cell = row[c] ?? part('');
      const space = spaces(widths[c]! - textWidth(cell.text));
      const before = spaces(c === 0 ? 0 : gap);
      return right ? [before, space, cell] : [before, cell, space];
    }),
  );
}

const spaces = (count: number) => part(' '.repeat(count));

/** Columns that the widest of some lines takes. */
export function widest(lines: readonly Line[]): number {
  return lines.reduce((width, line) => Math.max(width, lineWidth(line)), 0);
}

/** Two columns of lines, the right one after `leftWidth` and a gap. */
export function besideLines(
  left: readonly Line[],
  right: readonly Line[],
  leftWidth: number,
  gap: number,
): Line[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => {
    const line = left[i] ?? [];
    return [...line, spaces(leftWidth - lineWidth(line) + gap), ...(right[i] ?? [])];
  });
}
