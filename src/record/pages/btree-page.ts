/** First byte of a page of a table's b-tree. */
export const INTERIOR = 0x05;
export const LEAF = 0x0d;

// Offsets in a page's header.
const TYPE = 0;
const CELL_COUNT = 3;
const CONTENT_START = 5;
const RIGHTMOST_CHILD = 8;
const LEAF_HEADER = 8;
export const INTERIOR_HEADER = 12;

/**
 * A page of a table's b-tree, sqlite.org/fileformat2.html section 1.6: a header, pointers to the cells
 * in the order of their keys, and at the page's end the cells. It is whole after every add(), and after fill().
 */
export class BTreePage {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly type: number;
  private count = 0;
  private contentStart = 0;
  private pointersEnd = 0;

  constructor(type: typeof INTERIOR | typeof LEAF, size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    this.type = type;
    this.clear();
  }

  /** Where the first of the cells begins. */
  get cellsStart(): number {
    return this.contentStart;
  }

  /** Adds a cell, whose key comes after those before it; false if there is no room for it. */
  add(cell: Uint8Array): boolean {
    const start = this.contentStart - cell.length;
    if (!this.point(start)) return false;
    this.bytes.set(cell, start);
    return true;
  }

  /** Adds a pointer to a cell that will begin at `start`, just before the others: see fill(). As add() otherwise. */
  point(start: number): boolean {
    if (start < this.pointersEnd + 2) return false;
    this.view.setUint16(this.pointersEnd, start);
    this.view.setUint16(CELL_COUNT, ++this.count);
    this.view.setUint16(CONTENT_START, start);
    this.contentStart = start;
    this.pointersEnd += 2;
    return true;
  }

  /** Takes the cells that were pointed to. */
  fill(cells: Uint8Array): void {
    this.bytes.set(cells, this.bytes.length - cells.length);
  }

  /** The child of an interior page whose keys come after all of its cells'. */
  setRightmostChild(page: number): void {
    this.view.setUint32(RIGHTMOST_CHILD, page);
  }

  /** Takes all cells out. */
  clear(): void {
    this.bytes.fill(0);
    this.bytes[TYPE] = this.type;
    this.count = 0;
    this.contentStart = this.bytes.length;
    this.pointersEnd = this.type === LEAF ? LEAF_HEADER : INTERIOR_HEADER;
    this.view.setUint16(CONTENT_START, this.contentStart); // 65536 is written as 0
  }
}
