import { varintBefore } from './varint.ts';

// The serial types of a record's values, and how many bytes each takes: 1 to 6 are integers.
const BYTES = Uint8Array.of(0, 1, 2, 3, 4, 6, 8, 0, 0, 0);
const NULL = 0;
const ZERO = 8;
const ONE = 9;
const BLOB = 12;
const TEXT = 13;

/** Most bytes that a record's serial types take. */
const TYPES_LIMIT = 1024;
/** Most bytes before a record: its length and the rowid. */
const PREFIX_LIMIT = 9 + 9;

/**
 * Writes rows as the cells of a leaf (sqlite.org/fileformat2.html sections 1.6 and 2.1), each from its
 * end: the values from last to first, then row(). So every length, which stands before what it
 * measures, is known by the time it is written.
 */
export class CellWriter {
  readonly bytes: Uint8Array;
  private readonly types = new Uint8Array(TYPES_LIMIT);
  /** Where what was written last begins, in `bytes` and in `types`. Who writes a long text keeps `at` in a variable meanwhile. */
  at: number;
  private typesAt = TYPES_LIMIT;
  /** Where the values written last begin; between `at` and this a text is under way. */
  private valuesAt: number;

  /** @param recordLimit bytes of the longest record */
  constructor(recordLimit: number) {
    this.bytes = new Uint8Array(recordLimit + PREFIX_LIMIT);
    this.at = this.bytes.length;
    this.valuesAt = this.at;
  }

  /** `count` whole numbers as values; what is NaN or beyond 2^53 is NULL. */
  integers(values: Float64Array, from: number, count: number): void {
    const { bytes, types } = this;
    let { at, typesAt } = this;
    for (let i = from + count - 1; i >= from; i--) {
      const value = values[i]!;
      const type = serialType(value);
      types[--typesAt] = type;
      const length = BYTES[type]!;
      if (length === 0) continue;
      for (let n = 0, word = value | 0; n < length; n++, word >>= 8) {
        if (n === 4) word = Math.floor(value / 2 ** 32);
        bytes[--at] = word;
      }
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
    this.typesAt = varintBefore(this.types, this.typesAt, type + 2 * (this.valuesAt - this.at));
    this.valuesAt = this.at;
  }

  /**
   * Ends a row, whose first column is the rowid (a record holds NULL in its place). The cell is valid
   * until the next row is begun.
   */
  row(rowid: number): Uint8Array {
    const { bytes, types } = this;
    types[--this.typesAt] = NULL;
    const typesLength = TYPES_LIMIT - this.typesAt;
    const headerLength = typesLength + (typesLength < 0x7f ? 1 : 2); // it counts itself
    const recordAt = this.at - headerLength;
    if (recordAt < PREFIX_LIMIT) throw new RangeError(`row ${rowid} is longer than a page`);
    bytes.set(types.subarray(this.typesAt), this.at - typesLength);
    varintBefore(bytes, this.at - typesLength, headerLength);
    let at = varintBefore(bytes, recordAt, rowid);
    at = varintBefore(bytes, at, bytes.length - recordAt);
    this.at = bytes.length;
    this.valuesAt = bytes.length;
    this.typesAt = TYPES_LIMIT;
    return bytes.subarray(at);
  }
}

function serialType(value: number): number {
  if (Number.isNaN(value)) return NULL;
  if (value === 0) return ZERO;
  if (value === 1) return ONE;
  const size = value < 0 ? -1 - value : value;
  if (size < 2 ** 7) return 1;
  if (size < 2 ** 15) return 2;
  if (size < 2 ** 23) return 3;
  if (size < 2 ** 31) return 4;
  if (size < 2 ** 47) return 5;
  return size < 2 ** 53 ? 6 : NULL;
}
