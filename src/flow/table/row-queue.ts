/** Rows of a typed array in a queue: a doubly linked list through two of their columns, as row + 1, 0 for none. */
export class RowQueue {
  private readonly words: Uint32Array;
  private readonly width: number;
  private readonly before: number;
  private readonly after: number;
  private first = 0;
  private last = 0;

  /**
   * @param width words of a row
   * @param before the column of the row that stands before
   * @param after the column of the row that stands behind
   */
  constructor(words: Uint32Array, width: number, before: number, after: number) {
    this.words = words;
    this.width = width;
    this.before = before;
    this.after = after;
  }

  /** The row that stands first, or -1. */
  get head(): number {
    return this.first - 1;
  }

  /** The row that stands last, or -1. */
  get tail(): number {
    return this.last - 1;
  }

  /** Puts a row last. */
  add(row: number): void {
    const { words, width, before, after, last } = this;
    words[row * width + before] = last;
    words[row * width + after] = 0;
    if (last === 0) this.first = row + 1;
    else words[(last - 1) * width + after] = row + 1;
    this.last = row + 1;
  }

  /** Takes a row out, wherever it stands. */
  remove(row: number): void {
    const { words, width, before, after } = this;
    const previous = words[row * width + before]!;
    const next = words[row * width + after]!;
    if (previous === 0) this.first = next;
    else words[(previous - 1) * width + after] = next;
    if (next === 0) this.last = previous;
    else words[(next - 1) * width + before] = previous;
  }
}
