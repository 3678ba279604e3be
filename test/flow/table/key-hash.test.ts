import { describe, expect, it } from 'vitest';
import { newSegment, type Segment } from '../../../src/decode/segment.ts';
import { hashFactors, hashKey, sourceIsLow } from '../../../src/flow/table/key-hash.ts';

// Whoever sends the packets chooses the keys, but not the factors. Whatever the keys, their hashes must lie as
// if they were random.

type Fields = Partial<
  Pick<Segment, 'src0' | 'src1' | 'src2' | 'src3' | 'dst0' | 'dst1' | 'dst2' | 'dst3' | 'srcPort' | 'dstPort'>
>;
const V4 = { src2: 0xffff, dst2: 0xffff, src3: 0x0a000001, dst3: 0x0a000002, srcPort: 40_000, dstPort: 80 };
const V6 = { ...V4, src0: 0x20010db8, dst0: 0x20010db8, src2: 7, dst2: 9 };

/** Counts up through these fields, each by `step`, `2 ** bits` values of each. */
function* grid(
  base: Fields,
  names: readonly (keyof Fields)[],
  bits: number,
  shift: number,
): Generator<Fields> {
  for (let n = 0; n < 2 ** (bits * names.length); n++) {
    const fields = { ...base };
    names.forEach((name, i) => {
      fields[name] = ((fields[name] ?? 0) ^ (((n >>> (bits * i)) & (2 ** bits - 1)) << shift)) >>> 0;
    });
    yield fields;
  }
}

const KEYS: readonly [string, 4 | 6, () => Iterable<Fields>][] = [
  [
    'IPv4 that differ in the top bits of each word',
    4,
    function* () {
      for (const fields of grid(V4, ['src3', 'dst3'], 4, 28)) yield* grid(fields, ['srcPort'], 4, 12);
    },
  ],
  ['IPv4 that differ in the lowest bits', 4, () => grid(V4, ['src3', 'dst3', 'srcPort'], 4, 0)],
  ['IPv4 of a scan of ports', 4, () => grid(V4, ['dstPort'], 12, 0)],
  ['IPv4 of a scan of networks', 4, () => grid(V4, ['dst3'], 12, 8)],
  ['IPv6 that differ in the top bits of the first pair of words', 6, () => grid(V6, ['src0', 'dst0'], 6, 26)],
  [
    'IPv6 that differ in the top bits of four words',
    6,
    () => grid(V6, ['src0', 'dst0', 'src1', 'dst1'], 3, 29),
  ],
  [
    'IPv6 that differ in the top bit of each word',
    6,
    () => grid(V6, ['src0', 'src1', 'src2', 'src3', 'dst0', 'dst1', 'dst2', 'dst3'], 1, 31),
  ],
  ['IPv6 of a scan of a network', 6, () => grid(V6, ['dst3'], 12, 0)],
];

describe.each(KEYS)('keys of %s', (_, ipVersion, keys) => {
  it.each([1, 2, 77, 0xdeadbeef])('have hashes as random ones, with seed %i', (seed) => {
    const factors = hashFactors(seed);
    const hashes = [...keys()].map((fields) => {
      const segment = Object.assign(newSegment(), fields, { ipVersion });
      return hashKey(factors, segment, sourceIsLow(segment)) >>> 0;
    });
    const n = hashes.length;
    expect(new Set(hashes).size).toBeGreaterThan(0.99 * n);
    // In as many places as keys, by the lowest bits and by the highest, no place has many.
    for (const place of [(h: number) => h % n, (h: number) => Math.floor((h / 2 ** 32) * n)]) {
      const counts = new Uint32Array(n);
      for (const hash of hashes) counts[place(hash)]!++;
      expect(counts.reduce((most, count) => Math.max(most, count), 0)).toBeLessThanOrEqual(10);
    }
  });
});

it('the hash of an answer is that of what it answers', () => {
  const factors = hashFactors(5);
  const sent = Object.assign(newSegment(), V6, { ipVersion: 6 });
  const answer = Object.assign(newSegment(), {
    ...{ src0: sent.dst0, src1: sent.dst1, src2: sent.dst2, src3: sent.dst3, srcPort: sent.dstPort },
    ...{ dst0: sent.src0, dst1: sent.src1, dst2: sent.src2, dst3: sent.src3, dstPort: sent.srcPort },
    ipVersion: 6,
  });
  expect(hashKey(factors, answer, sourceIsLow(answer))).toBe(hashKey(factors, sent, sourceIsLow(sent)));
});
