import { cutText, printable, textWidth } from './text.ts';

/** How a table is laid out. */
export interface TableOptions {
  /** Heads of the columns; left out where a table explains itself. */
  head?: readonly string[];
  /** Columns to align at the right; where undefined, those that hold only numbers. */
  right?: readonly (boolean | undefined)[] | undefined;
  /** What every line begins with. */
  indent?: string;
  /** Widest line; longer ones are cut. */
  width?: number | undefined;
  /** Turns the head into something that stands out. */
  styleHead?: (line: string) => string;
}

const NUMBER = /^-?[\d,]*\.?\d+(e[+-]?\d+)?$/;
/** What stands between two columns. */
export const GAP = '  ';

/** Lines of a plain table: columns two spaces apart, no frame, control characters shown as escapes. */
export function tableLines(rows: readonly (readonly string[])[], options: TableOptions = {}): string[] {
  const { head, indent = '', width, styleHead = (line) => line } = options;
  const body = rows.map((row) => row.map(printable));
  const all = head === undefined ? body : [head.map(printable), ...body];
  const columns = Math.max(0, ...all.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, c) =>
    Math.max(...all.map((row) => textWidth(row[c] ?? ''))),
  );
  const right = widths.map(
    (_, c) => options.right?.[c] ?? (body.length > 0 && body.every((row) => NUMBER.test(row[c] || '0'))),
  );
  const lines = all.map((row) => {
    const cells = widths.map((cellWidth, c) => {
      const cell = row[c] ?? '';
      const space = ' '.repeat(cellWidth - textWidth(cell));
      return right[c] ? space + cell : cell + space;
    });
    const line = `${indent}${cells.join(GAP)}`.trimEnd();
    return width === undefined ? line : cutText(line, width);
  });
  return head === undefined ? lines : [styleHead(lines[0]!), ...lines.slice(1)];
}
