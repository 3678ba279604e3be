const MINUS = 45;
const DIGIT = 48;
const NULL = Uint8Array.from('null', (letter) => letter.charCodeAt(0));

/** The digits of the numbers below 100. */
const TENS = Uint8Array.from({ length: 100 }, (_, pair) => DIGIT + Math.floor(pair / 10));
const ONES = Uint8Array.from({ length: 100 }, (_, pair) => DIGIT + (pair % 10));

/** What is written at once of a large number. */
const NINE_DIGITS = 1e9;

/**
 * Writes a whole number in decimal so that it ends before index `end`; returns where it begins. What is
 * NaN or beyond 2^53 is `null`.
 */
export function decimalBefore(bytes: Uint8Array, end: number, value: number): number {
  if (!(value >= 0 && value < 2 ** 31)) return rareBefore(bytes, end, value);
  let at = end;
  let rest = value | 0;
  while (rest >= 10) {
    const hundredth = (rest / 100) | 0;
    const pair = rest - hundredth * 100;
    bytes[--at] = ONES[pair]!;
    bytes[--at] = TENS[pair]!;
    rest = hundredth;
  }
  if (rest > 0 || at === end) bytes[--at] = DIGIT + rest;
  return at;
}

/** Numbers that are negative or large, and those that are none. */
function rareBefore(bytes: Uint8Array, end: number, value: number): number {
  if (!Number.isSafeInteger(value)) {
    bytes.set(NULL, end - NULL.length);
    return end - NULL.length;
  }
  if (value < 0) {
    const at = decimalBefore(bytes, end, -value);
    bytes[at - 1] = MINUS;
    return at - 1;
  }
  let at = decimalBefore(bytes, end, value % NINE_DIGITS);
  while (at > end - 9) bytes[--at] = DIGIT;
  return decimalBefore(bytes, at, Math.floor(value / NINE_DIGITS));
}
