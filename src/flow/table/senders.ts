/** Addresses kept at most. */
export const MAX_SENDERS = 1 << 16;

/** The addresses of those that sent ICMP errors, numbered from 1 in the order of their first one. */
export class Senders {
  /** Four 32-bit words each, as in Segment; that of number `n` is at `4 * n`. */
  readonly words = new Uint32Array(4 * (MAX_SENDERS + 1));
  private readonly numbers = new Map<string, number>();

  /** The number of an address, 0 if there is no room for one more. */
  numberOf(a: number, b: number, c: number, d: number): number {
    const key = `${a} ${b} ${c} ${d}`;
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const number = this.numbers.size + 1;
    if (number >= MAX_SENDERS) return 0;
    this.words.set([a, b, c, d], 4 * number);
    this.numbers.set(key, number);
    return number;
  }
}
