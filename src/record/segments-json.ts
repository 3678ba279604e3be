import { SEGMENT_FIELDS, SEGMENT_WIDTH } from '../flow/columns.ts';

// A flow's close segments as the JSON text of `flow_data.segments`: [[at, frame, code, len, seq,
// ack], ...], code = endpoint + 2 * flags + 512 * meaning. Digits go straight into one byte buffer,
// which takes a third of the time of joining strings.

const [AT, FRAME, ENDPOINT, FLAGS, SEQ, ACK, LEN, MEANING] = SEGMENT_FIELDS.map((_, i) => i) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
/** Longest text of one segment: six numbers of at most 17 characters, brackets and commas. */
const MAX_SEGMENT_TEXT = 6 * 18 + 2;
const COMMA = 44;
const OPEN = 91;
const CLOSE = 93;

/** Builds the texts in a buffer of its own, which grows to the longest flow met. */
export class SegmentsJson {
  #bytes = Buffer.allocUnsafe(4096);
  #at = 0;

  /** JSON text of `count` segments that start at index `from` of `segments`; running frame numbers move up by `frameBase`. */
  text(segments: Float64Array, from: number, count: number, frameBase: number): string {
    const most = count * MAX_SEGMENT_TEXT + 2;
    if (this.#bytes.length < most) this.#bytes = Buffer.allocUnsafe(2 * most);
    this.#at = 0;
    this.#byte(OPEN);
    for (let i = 0, s = from; i < count; i++, s += SEGMENT_WIDTH) {
      if (i > 0) this.#byte(COMMA);
      this.#byte(OPEN);
      this.#number(segments[s + AT]!);
      this.#byte(COMMA);
      this.#number(segments[s + FRAME]! + frameBase);
      this.#byte(COMMA);
      this.#number(segments[s + ENDPOINT]! + 2 * segments[s + FLAGS]! + 512 * segments[s + MEANING]!);
      this.#byte(COMMA);
      this.#number(segments[s + LEN]!);
      this.#byte(COMMA);
      this.#number(segments[s + SEQ]!);
      this.#byte(COMMA);
      this.#number(segments[s + ACK]!);
      this.#byte(CLOSE);
    }
    this.#byte(CLOSE);
    return this.#bytes.toString('latin1', 0, this.#at);
  }

  #byte(byte: number): void {
    this.#bytes[this.#at++] = byte;
  }

  /** A whole number in decimal; NaN is `null`. */
  #number(value: number): void {
    if (value >= 0 && value <= 0x7fffffff) this.#digits(value | 0);
    else this.#at += this.#bytes.write(Number.isNaN(value) ? 'null' : String(value), this.#at, 'latin1');
  }

  #digits(value: number): void {
    let length = 1;
    for (let power = 10; power <= value; power *= 10) length++;
    let at = this.#at + length;
    this.#at = at;
    for (let rest = value, i = 0; i < length; i++) {
      const tenth = (rest / 10) | 0;
      this.#bytes[--at] = 48 + rest - tenth * 10;
      rest = tenth;
    }
  }
}
