/** Bytes of the number of words, which comes first. */
const COUNT = 2;
/** Bytes that are written beyond the end, and overwritten by what follows. */
const SPARE = 4;

/** A word takes 0, 1, 2 or 4 bytes: the two bits for it, by its leading zeros. */
const CODE = Uint8Array.from({ length: 33 }, (_, zeros) =>
  zeros === 32 ? 0 : zeros >= 24 ? 1 : zeros >= 16 ? 2 : 3,
);
/** The bytes that it takes, and all that fits them, by these two bits. */
const LENGTH = Uint8Array.of(0, 1, 2, 4);
const MASK = Int32Array.of(0, 0xff, 0xffff, -1);

/** Bytes to have for so many words. */
export function mostBytes(words: number): number {
  return COUNT + ((words + 3) >> 2) + words * 4 + SPARE;
}

/**
 * Writes the first `count` words, fewer than 2^16, behind their number and two bits for each that tell how
 * many bytes it takes. Returns how many bytes that makes. There are no branches, which would be guessed
 * wrong half of the time.
 */
export function packWords(words: Uint32Array, count: number, bytes: DataView): number {
  bytes.setUint16(0, count, true);
  let code = COUNT;
  let at = COUNT + ((count + 3) >> 2);
  for (let i = 0; i < count; code++) {
    let codes = 0;
    for (let shift = 0; shift < 8; shift += 2, i++) {
      const word = i < count ? words[i]! : 0;
      const its = CODE[Math.clz32(word)]!;
      bytes.setUint32(at, word, true);
      at += LENGTH[its]!;
      codes |= its << shift;
    }
    bytes.setUint8(code, codes);
  }
  return at;
}

/** Reads the words that packWords() wrote, and returns how many they are. */
export function unpackWords(bytes: DataView, words: Uint32Array): number {
  const count = bytes.getUint16(0, true);
  let code = COUNT;
  let at = COUNT + ((count + 3) >> 2);
  for (let i = 0; i < count; code++) {
    let codes = bytes.getUint8(code);
    for (let end = i + 4; i < end; codes >>= 2, i++) {
      const its = codes & 3;
      words[i] = bytes.getUint32(at, true) & MASK[its]!;
      at += LENGTH[its]!;
    }
  }
  return count;
}
