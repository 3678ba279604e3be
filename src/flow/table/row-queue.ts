/** A queue of rows of a typed array: a doubly linked list through two of their columns, as row + 1, 0 for none. */
export class RowQueue {
  private readonly u32: Uint32Array;
  private readonly width: number;
  private readonly before: number;
  private readonly after: number;
  private first = 0;
  private last = 0;

  /**
   * @param width 32-bit words per row
   * @param before the column of the previous row
   * @param after the column of the next row
   */
  constructor(u32: Uint32Array, width: number, before: number, after: number) {
    this.u32 = u32;
    this.width = width;
    this.before = before;
    this.after = after;
  }

  /** The first row, or -1. */
  get head(): number {
    return this.first - 1;
  }

  /** The last row, or -1. */
  get tail(): number {
    return this.last - 1;
  }

  /** Adds a row to the end. */
  add(row: number): void {
    const { u32, width, before, after, last } = this;
    u32[row * width + before] = last;
    u32[row * width + after] = 0;
    if (last === 0) this.first = row + 1;
    else u32[(last - 1) * width + after] = row + 1;
    this.last = row + 1;
  }

  /** Removes a row, wherever it is. */
  remove(row: number): void {
    const { u32, width, before, after } = this;
    const previous = u32[row * width + before]!;
    const next = u32[row * width + after]!;
    if (previous === 0) this.first = next;
    else u32[(previous - 1) * width + after] = next;
    if (next === 0) this.last = previous;
    else u32[(next - 1) * width + before] = previous;
  }
}
