import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeVarints, encodeVarints, maxVarintBytes } from '../../../src/flow/packing/varint.ts';

const value = fc.oneof(
  fc.constant(0),
  fc.nat(0xff),
  fc.nat(0xffff),
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0xff, 0x100, 0xffff, 0x10000, 0x80000000, 0xffffffff),
);

it('property: values are decoded as they were encoded, and take no more bytes than they may', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 60 }), (given) => {
      const values = Uint32Array.from({ length: given.length + 3 }, (_, i) => given[i] ?? 0);
      const bytes = new DataView(new ArrayBuffer(maxVarintBytes(given.length)));
      const length = encodeVarints(values, given.length, bytes);
      expect(length).toBeLessThanOrEqual(bytes.byteLength);
      // Bytes after the end do not matter.
      for (let at = length; at < bytes.byteLength; at++) bytes.setUint8(at, 0xff);
      values.fill(0xaaaaaaaa);
      decodeVarints(bytes, values);
      expect([...values.subarray(0, given.length)]).toEqual(given);
    }),
  );
});

it('takes two bits for a zero, and two bits and a byte for a small value', () => {
  const bytes = new DataView(new ArrayBuffer(maxVarintBytes(40)));
  expect(encodeVarints(new Uint32Array(40), 40, bytes)).toBe(2 + 10);
  expect(encodeVarints(new Uint32Array(40).fill(255), 40, bytes)).toBe(2 + 10 + 40);
});
