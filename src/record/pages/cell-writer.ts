import { varintBefore } from './varint.ts';

// The serial types of a record's values; 1 to 6 are integers of 1, 2, 3, 4, 6 and 8 bytes.
const NULL = 0;
const BYTES = Uint8Array.of(0, 1, 2, 3, 4, 6, 8, 0, 0, 0);
const ZERO = 8;
const ONE = 9;
const BLOB = 12;
const TEXT = 13;

/** The serial type of a number below 2^31 by its leading zeros in 32 bits. */
const TYPE_BY_ZEROS = Uint8Array.from({ length: 33 }, (_, zeros) => {
  const bits = 32 - zeros;
  return bits === 0 ? ZERO : bits === 1 ? ONE : bits < 8 ? 1 : bits < 16 ? 2 : bits < 24 ? 3 : 4;
});

/** Most bytes that a record's serial types take. */
const TYPES_LIMIT = 1024;
/** A record longer than a page less these bytes would need overflow pages. */
const OVERFLOW_MARGIN = 35;

/**
 * Writes rows as the cells of a leaf (sqlite.org/fileformat2.html sections 1.6 and 2.1), where they
 * belong in it: each before the one before it, and each from its end: the values from last to first,
 * then row(). So every length, which stands before what it measures, is known by the time it is written.
 */
export class CellWriter {
  /** Room for a row that does not fit the page any more, the page, and the serial types of the row that is under way. */
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly pageSize: number;
  /** Where what was written last begins, in `bytes`. A loop that writes a long text keeps `at` in a variable meanwhile. */
  at = 0;
  private typesAt = 0;
  /** Where the values written last begin; between `at` and this a text is under way. */
  private valuesAt = 0;
  /** The last cell that is whole. */
  private cellAt = 0;
  private cellEnd = 0;

  constructor(pageSize: number) {
    this.pageSize = pageSize;
    this.bytes = new Uint8Array(2 * pageSize + TYPES_LIMIT);
    this.view = new DataView(this.bytes.buffer);
    this.begin(2 * pageSize);
  }

  /** `count` whole numbers as values; what is NaN or beyond 2^53 is NULL. */
  integers(values: Float64Array, from: number, count: number): void {
    const { bytes, view } = this;
    let { at, typesAt } = this;
    for (let i = from + count - 1; i >= from; i--) {
      const value = values[i]!;
      if (Number.isNaN(value)) {
        bytes[--typesAt] = NULL;
        continue;
      }
      let type: number;
      if (value >= 0 && value < 2 ** 31) type = TYPE_BY_ZEROS[Math.clz32(value)]!;
      else {
        type = typeOf(value);
        view.setInt32(at - 8, Math.floor(value / 2 ** 32));
      }
      view.setInt32(at - 4, value); // what is too much of it is written over by what comes next
      bytes[--typesAt] = type;
      at -= BYTES[type]!;
    }
    this.at = at;
    this.typesAt = typesAt;
    this.valuesAt = at;
  }

  /** A byte of a text. */
  byte(value: number): void {
    this.bytes[--this.at] = value;
  }

  /** ASCII letters of a text. */
  ascii(letters: string): void {
    for (let i = letters.length - 1; i >= 0; i--) this.byte(letters.charCodeAt(i));
  }

  /** Makes the bytes written since the last value a text. */
  text(): void {
    this.end(TEXT);
  }

  /** Bytes as a value. */
  blob(value: Uint8Array): void {
    this.at -= value.length;
    this.bytes.set(value, this.at);
    this.end(BLOB);
  }

  private end(type: number): void {
    this.typesAt = varintBefore(this.bytes, this.typesAt, type + 2 * (this.valuesAt - this.at));
    this.valuesAt = this.at;
  }

  /**
   * Ends a row, whose first column is the rowid (a record holds NULL in its place). Returns where its
   * cell begins in the page; before the page, or where its pointers are, there is no room for it.
   */
  row(rowid: number): number {
    const { bytes, pageSize } = this;
    bytes[--this.typesAt] = NULL;
    const typesLength = bytes.length - this.typesAt;
    const headerLength = typesLength + (typesLength < 0x7f ? 1 : 2); // it counts itself
    const recordAt = this.at - headerLength;
    const recordLength = this.cellAt - recordAt;
    if (recordLength > pageSize - OVERFLOW_MARGIN) throw new RangeError(`row ${rowid} is longer than a page`);
    bytes.copyWithin(this.at - typesLength, this.typesAt, bytes.length);
    varintBefore(bytes, this.at - typesLength, headerLength);
    this.cellEnd = this.cellAt;
    this.begin(varintBefore(bytes, varintBefore(bytes, recordAt, rowid), recordLength));
    return this.cellAt - pageSize;
  }

  /** The cells that were written to the page, from `start` on. They are valid until the next page begins. */
  cells(start: number): Uint8Array {
    return this.bytes.subarray(this.pageSize + start, 2 * this.pageSize);
  }

  /** Begins a page with the cell that the one before has no room for, and returns where in it that begins. */
  startPage(): number {
    const { bytes, cellAt, cellEnd, pageSize } = this;
    const start = pageSize - (cellEnd - cellAt);
    bytes.copyWithin(pageSize + start, cellAt, cellEnd);
    this.cellEnd = 2 * pageSize;
    this.begin(pageSize + start);
    return start;
  }

  /** The next cell ends at index `end`. */
  private begin(end: number): void {
    this.cellAt = end;
    this.valuesAt = end;
    this.at = end;
    this.typesAt = this.bytes.length;
  }
}

function typeOf(value: number): number {
  const size = value < 0 ? -1 - value : value;
  if (size < 2 ** 7) return 1;
  if (size < 2 ** 15) return 2;
  if (size < 2 ** 23) return 3;
  if (size < 2 ** 31) return 4;
  if (size < 2 ** 47) return 5;
  return size < 2 ** 53 ? 6 : NULL;
}
