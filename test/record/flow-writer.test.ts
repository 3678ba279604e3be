import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newFlowBatch } from '../../src/flow/batch.ts';
import { ROW_COLUMNS, ROW_WIDTH, SEGMENT_WIDTH } from '../../src/flow/columns.ts';
import { FlowWriter } from '../../src/record/flow-writer.ts';
import { SegmentsJson } from '../../src/record/segments-json.ts';
import { opened, temporaryFolder } from './database.ts';

/** Any value a column may hold: NULL, its default, small and beyond 32 bits. */
const cell = fc.oneof(
  fc.constantFrom(Number.NaN, 0, 1, 2 ** 31, 2 ** 32, 2 ** 40 - 1),
  fc.nat({ max: 1_000_000 }),
);

it('property: every row comes back as it was, whatever its shape, also past the last prepared one', () => {
  const rowsOf = fc.array(fc.array(cell, { minLength: ROW_WIDTH, maxLength: ROW_WIDTH }), {
    minLength: 1,
    maxLength: 400,
  });
  fc.assert(
    fc.property(rowsOf, (rows) => {
      const path = join(temporaryFolder(), 'rows.sqlite');
      const writer = new FlowWriter(new Database(path), false);
      const batch = { ...newFlowBatch(rows.length, 0), count: rows.length };
      rows.forEach((row, i) => {
        batch.rows.set(row, i * ROW_WIDTH);
      });
      writer.write({ ...batch, addresses: { firstId: 0, count: 0, words: new Uint32Array() } });
      writer.finish([]);
      const names = ROW_COLUMNS.map(({ name }) => name);
      const stored = opened(path)
        .prepare(`SELECT ${names.join(', ')} FROM flow_data ORDER BY id`)
        .raw()
        .all();
      // captures count from 1 in a database, from 0 in a run
      const expected = rows.map((row) => row.map((value, c) => value + Number(names[c] === 'capture_id')));
      expect(stored).toEqual(expected.map((row) => row.map((value) => (Number.isNaN(value) ? null : value))));
    }),
    { numRuns: 15 },
  );
});

it('property: segments come out as the JSON of their numbers', () => {
  const number = fc.oneof(fc.nat(), fc.integer({ min: -10, max: 2 ** 40 }), fc.constant(Number.NaN));
  const segment = fc.tuple(
    number,
    fc.nat(),
    fc.nat({ max: 1 }),
    fc.nat({ max: 255 }),
    number,
    number,
    number,
    fc.nat({ max: 22 }),
  );
  const json = new SegmentsJson();
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 200 }), fc.nat({ max: 1e9 }), (segments, frameBase) => {
      const numbers = Float64Array.from([...new Array<number>(SEGMENT_WIDTH).fill(7), ...segments.flat()]);
      const expected = segments.map(([at, frame, endpoint, flags, seq, ack, len, meaning]) => {
        const code = endpoint + 2 * flags + 512 * meaning;
        return [at, frame + frameBase, code, len, seq, ack];
      });
      expect(json.text(numbers, SEGMENT_WIDTH, segments.length, frameBase)).toBe(JSON.stringify(expected));
    }),
  );
});
