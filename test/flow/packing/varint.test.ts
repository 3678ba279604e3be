import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mostBytes, packWords, unpackWords } from '../../../src/flow/packing/varint.ts';

const word = fc.oneof(
  fc.constant(0),
  fc.nat(0xff),
  fc.nat(0xffff),
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0xff, 0x100, 0xffff, 0x10000, 0x80000000, 0xffffffff),
);

it('property: words come out of their bytes as they went in, and take no more than they may', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (given) => {
      const words = Uint32Array.from({ length: given.length + 3 }, (_, i) => given[i] ?? 0);
      const bytes = new DataView(new ArrayBuffer(mostBytes(given.length)));
      const length = packWords(words, given.length, bytes);
      expect(length).toBeLessThanOrEqual(bytes.byteLength);
      // What lies behind the bytes does not matter.
      for (let at = length; at < bytes.byteLength; at++) bytes.setUint8(at, 0xff);
      words.fill(0xaaaaaaaa);
      unpackWords(bytes, words);
      expect([...words.subarray(0, given.length)]).toEqual(given);
    }),
  );
});

it('takes two bits for a zero, and two bits and a byte for a small word', () => {
  const bytes = new DataView(new ArrayBuffer(mostBytes(40)));
  expect(packWords(new Uint32Array(40), 40, bytes)).toBe(2 + 10);
  expect(packWords(new Uint32Array(40).fill(255), 40, bytes)).toBe(2 + 10 + 40);
});
