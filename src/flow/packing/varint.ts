// 32-bit integers in as few bytes as they need: the group varint encoding of Stream VByte, whose variant 0124
// has values of 0, 1, 2 or 4 bytes. First their number, then a two-bit code per value, then the values.

/** Bytes of the number of values, which comes first. */
const COUNT = 2;
/** Bytes that are written after the end, and overwritten by what follows. */
const SPARE = 4;

/** The code of a value, by its leading zeros. */
const CODE = Uint8Array.from({ length: 33 }, (_, zeros) =>
  zeros === 32 ? 0 : zeros >= 24 ? 1 : zeros >= 16 ? 2 : 3,
);
/** Bytes of a value, and the bits that fit them, by its code. */
const LENGTH = Uint8Array.of(0, 1, 2, 4);
const MASK = Int32Array.of(0, 0xff, 0xffff, -1);

/** Bytes that suffice for this many values. */
export function maxVarintBytes(values: number): number {
  return COUNT + ((values + 3) >> 2) + values * 4 + SPARE;
}

/**
 * Writes the first `count` values, fewer than 2^16, and returns how many bytes they take. There are no
 * branches: half of them would be mispredicted.
 */
export function encodeVarints(values: Uint32Array, count: number, bytes: DataView): number {
  bytes.setUint16(0, count, true);
  let codesAt = COUNT;
  let at = COUNT + ((count + 3) >> 2);
  for (let i = 0; i < count; codesAt++) {
    let codes = 0;
    for (let shift = 0; shift < 8; shift += 2, i++) {
      const value = i < count ? values[i]! : 0;
      const code = CODE[Math.clz32(value)]!;
      bytes.setUint32(at, value, true);
      at += LENGTH[code]!;
      codes |= code << shift;
    }
    bytes.setUint8(codesAt, codes);
  }
  return at;
}

/** Reads what encodeVarints() wrote, and returns how many values that are. */
export function decodeVarints(bytes: DataView, values: Uint32Array): number {
  const count = bytes.getUint16(0, true);
  let codesAt = COUNT;
  let at = COUNT + ((count + 3) >> 2);
  for (let i = 0; i < count; codesAt++) {
    let codes = bytes.getUint8(codesAt);
    for (let end = i + 4; i < end; codes >>= 2, i++) {
      const code = codes & 3;
      values[i] = bytes.getUint32(at, true) & MASK[code]!;
      at += LENGTH[code]!;
    }
  }
  return count;
}
