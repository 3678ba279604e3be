/**
 * Writes SQLite's variable-length integer, 7 bits a byte (sqlite.org/fileformat2.html section 1.6), so
 * that it ends before index `end`; returns where it begins. `value` is not negative and at most 2^53.
 */
export function varintBefore(bytes: Uint8Array, end: number, value: number): number {
  let at = end;
  for (let rest = value, more = 0; rest > 0 || at === end; rest = Math.floor(rest / 0x80), more = 0x80) {
    bytes[--at] = (rest % 0x80) | more;
  }
  return at;
}
