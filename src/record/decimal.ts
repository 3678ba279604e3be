const MINUS = 45;
const DIGIT = 48;
const NULL = Uint8Array.from('null', (letter) => letter.charCodeAt(0));

/**
 * Writes a whole number in decimal so that it ends before index `end`; returns where it begins. What is
 * NaN or beyond 2^53 is `null`.
 */
export function decimalBefore(bytes: Uint8Array, end: number, value: number): number {
  let at = end;
  if (!Number.isSafeInteger(value)) {
    for (let i = NULL.length - 1; i >= 0; i--) bytes[--at] = NULL[i]!;
    return at;
  }
  let rest = Math.abs(value);
  for (; rest > 0x7fffffff; rest = Math.floor(rest / 10)) bytes[--at] = DIGIT + (rest % 10);
  let small = rest | 0;
  do {
    const tenth = (small / 10) | 0;
    bytes[--at] = DIGIT + small - tenth * 10;
    small = tenth;
  } while (small > 0);
  if (value < 0) bytes[--at] = MINUS;
  return at;
}
