import { expect, it } from 'vitest';
import { newBatchArrays } from '../../../src/flow/format/batch.ts';
import { columnIndex, ROW_WIDTH } from '../../../src/flow/format/columns.ts';
import { AddressMerger } from '../../../src/record/thread/address-merger.ts';

const CLIENT = columnIndex('client_address');
const SERVER = columnIndex('server_address');

/** A batch of a lane: its new addresses, as last words, and each row's two numbers. */
function batch(firstId: number, addresses: number[], rows: [number, number][]) {
  const made = {
    ...newBatchArrays(rows.length, 0),
    count: rows.length,
    addresses: {
      firstId,
      count: addresses.length,
      words: Uint32Array.from(addresses.flatMap((last) => [0, 0, 0xffff, last])),
    },
  };
  rows.forEach(([client, server], i) => {
    made.rows[i * ROW_WIDTH + CLIENT] = client;
    made.rows[i * ROW_WIDTH + SERVER] = server;
  });
  return made;
}

const numbersOf = ({ rows, count }: ReturnType<typeof batch>): number[][] =>
  Array.from({ length: count }, (_, i) => [rows[i * ROW_WIDTH + CLIENT]!, rows[i * ROW_WIDTH + SERVER]!]);

it('an address has one number, whichever lanes it is met in', () => {
  const merger = new AddressMerger();
  const first = batch(0, [7, 8], [[0, 1]]);
  merger.merge(0, first);
  expect(numbersOf(first)).toEqual([[0, 1]]);
  expect(first.addresses).toMatchObject({ firstId: 0, count: 2 });

  const other = batch(0, [9, 8], [[0, 1]]);
  merger.merge(1, other);
  expect(numbersOf(other)).toEqual([[2, 1]]);
  expect(other.addresses).toMatchObject({ firstId: 2, count: 1 });
  expect([...other.addresses.words]).toEqual([0, 0, 0xffff, 9]);

  const later = batch(
    2,
    [9],
    [
      [2, 0],
      [1, 2],
    ],
  );
  merger.merge(0, later);
  expect(numbersOf(later)).toEqual([
    [2, 0],
    [1, 2],
  ]);
  expect(later.addresses.count).toBe(0);
});

it('keeps no more of a lane than it can speak of, however many addresses it has met', () => {
  const merger = new AddressMerger();
  const met = 2 ** 40;
  const first = batch(met, [7, 8], [[met, met + 1]]);
  merger.merge(0, first);
  expect(numbersOf(first)).toEqual([[0, 1]]);
  const other = batch(met + 2, [9, 7], [[met + 1, met + 3]]);
  merger.merge(0, other);
  expect(numbersOf(other)).toEqual([[1, 0]]);
});
