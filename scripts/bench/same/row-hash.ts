/** A value as SQLite gives it. */
export type Value = number | string | null | Buffer;

const number = new Float64Array(1);
const words = new Uint32Array(number.buffer);

/** 53 bits that stand for a row: two rows that are equal have the same, two others all but never. */
export function hashRow(row: readonly Value[]): number {
  let low = 0x9e3779b9;
  let high = 0x7f4a7c15;
  const add = (word: number) => {
    low = Math.imul(low ^ word, 0x85ebca6b);
    low ^= low >>> 15;
    high = Math.imul(high ^ word, 0xc2b2ae35);
    high ^= high >>> 13;
  };
  for (const value of row) {
    if (value === null) add(1);
    else if (typeof value === 'number') {
      number[0] = value;
      add(2);
      add(words[0]!);
      add(words[1]!);
    } else {
      const text = typeof value === 'string' ? value : value.toString('latin1');
      add(typeof value === 'string' ? 3 : 4);
      add(text.length);
      for (let i = 0; i < text.length; i++) add(text.charCodeAt(i));
    }
  }
  add(low ^ high);
  add(high ^ (low >>> 7));
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
