import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type FlowBatch, HISTORY_LENGTH, newBatchArrays } from '../../src/flow/format/batch.ts';
import { ROW_COLUMNS, ROW_WIDTH, SEGMENT_WIDTH } from '../../src/flow/format/columns.ts';
import { MAX_ADDRESSES } from '../../src/flow/rows/address-ids.ts';
import { TRAIL_LIMIT } from '../../src/flow/table/trail.ts';
import { FlowWriter } from '../../src/record/flow-writer.ts';
import { opened, temporaryFolder } from './database.ts';

const NAMES = ROW_COLUMNS.map(({ name }) => name);
const WIDEST = -Number.MAX_SAFE_INTEGER;

/** Any value a column may hold: NULL, its default, negative, small and beyond 32 bits. */
const cell = fc.oneof(
  fc.constantFrom(Number.NaN, 0, 1, -1, 2 ** 31, 2 ** 32, 2 ** 40 - 1),
  fc.nat({ max: 1_000_000 }),
);

/** Writes one batch without addresses into a new database; returns its path. */
function write(batch: Omit<FlowBatch, 'addresses'>, appendTo?: string): string {
  const path = join(temporaryFolder(), 'rows.sqlite');
  const writer = new FlowWriter(path, appendTo);
  writer.write({ ...batch, addresses: { firstId: 0, count: 0, words: new Uint32Array() } });
  writer.finish([]);
  return path;
}

it('property: every row comes back as it was', () => {
  const rowsOf = fc.array(fc.array(cell, { minLength: ROW_WIDTH, maxLength: ROW_WIDTH }), {
    minLength: 1,
    maxLength: 400,
  });
  fc.assert(
    fc.property(rowsOf, (rows) => {
      const batch = { ...newBatchArrays(rows.length, 0), count: rows.length };
      rows.forEach((row, i) => {
        batch.rows.set(row, i * ROW_WIDTH);
      });
      const stored = opened(write(batch)).prepare(`SELECT ${NAMES} FROM flow_data ORDER BY id`).raw().all();
      // captures count from 1 in a database, from 0 in a run
      const expected = rows.map((row) => row.map((value, c) => value + Number(NAMES[c] === 'capture_id')));
      expect(stored).toEqual(expected.map((row) => row.map((value) => (Number.isNaN(value) ? null : value))));
    }),
    { numRuns: 15 },
  );
});

it('property: segments come out as the JSON of their numbers', () => {
  const number = fc.oneof(
    fc.nat(),
    fc.integer({ min: -10, max: 2 ** 40 }),
    fc.maxSafeInteger(),
    fc.constantFrom(Number.NaN, 0, -1, 9, 10, 2 ** 31 - 1, 2 ** 31),
  );
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
  const flow = fc.record({
    segments: fc.array(segment, { maxLength: TRAIL_LIMIT }),
    history: fc.string({ maxLength: HISTORY_LENGTH, unit: fc.constantFrom('S', 'h', 'A', '^') }),
  });
  fc.assert(
    fc.property(fc.array(flow, { minLength: 1, maxLength: 60 }), (flows) => {
      const segments = flows.flatMap((one) => one.segments);
      const batch = { ...newBatchArrays(flows.length, segments.length), count: flows.length };
      batch.segments.set(segments.flat());
      flows.forEach((one, i) => {
        batch.segmentCounts[i] = one.segments.length;
        batch.histories.set(Buffer.from(one.history), i * HISTORY_LENGTH);
      });
      const stored = opened(write(batch))
        .prepare('SELECT zeek_history, segments FROM flow_data ORDER BY id')
        .raw()
        .all();
      const expected = flows.map((one) => [
        one.history,
        JSON.stringify(
          one.segments.map(([at, frame, endpoint, flags, seq, ack, len, meaning]) => [
            at,
            frame,
            endpoint + 2 * flags + 512 * meaning,
            len,
            seq,
            ack,
          ]),
        ),
      ]);
      expect(stored).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

it('has room for a row of the longest values and as many segments as a flow keeps', () => {
  const batch = { ...newBatchArrays(3, 3 * TRAIL_LIMIT), count: 3 };
  batch.rows.fill(WIDEST);
  batch.histories.fill('a'.charCodeAt(0));
  batch.segmentCounts.fill(TRAIL_LIMIT);
  batch.segments.fill(WIDEST);
  for (let s = 2; s < batch.segments.length; s += SEGMENT_WIDTH) batch.segments.set([1, 255], s); // endpoint, flags
  const db = opened(write(batch));
  const [row] = db.prepare('SELECT id, client_closed, zeek_history, segments FROM flow_data').raw().all() as [
    unknown[],
  ];
  expect(row.slice(0, 3)).toEqual([1, WIDEST, 'a'.repeat(HISTORY_LENGTH)]);
  expect(JSON.parse(String(row[3]))).toHaveLength(TRAIL_LIMIT);
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
});

it('what is appended equals what the same batch made by itself, but for its numbers', () => {
  const batch = () => {
    const made = { ...newBatchArrays(2000, 0), count: 2000 };
    made.rows.forEach((_, i) => {
      made.rows[i] = i % 3 === 0 ? Number.NaN : i;
    });
    return made;
  };
  const alone = write(batch());
  const grown = write(batch());
  write(batch(), grown);
  const db = new Database(grown, { readonly: true });
  db.prepare('ATTACH ? AS alone').run(alone);
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  const differing = db
    .prepare(
      `SELECT (SELECT count(*) FROM main.flow_data), count(*) FROM
         (SELECT * FROM alone.flow_data UNION ALL SELECT id + 2000, ${NAMES} , zeek_history, segments, changed FROM alone.flow_data
          EXCEPT SELECT * FROM main.flow_data)`,
    )
    .raw()
    .get();
  db.close();
  expect(differing).toEqual([4000, 0]);
});

it('an address has one number, also if the numbering restarts before a full batch', () => {
  const path = join(temporaryFolder(), 'addresses.sqlite');
  const writer = new FlowWriter(path);
  const none = { ...newBatchArrays(0, 0), count: 0 };
  const many = MAX_ADDRESSES - 500;
  const words = new Uint32Array(many * 4);
  for (let i = 0; i < many; i++) words.set([0, 0, 0xffff, i], i * 4);
  writer.write({ ...none, addresses: { firstId: 0, count: many, words } });
  writer.write({ ...none, addresses: { firstId: many, count: 1, words: words.slice(0, 4) } });
  writer.finish([]);
  expect(opened(path).prepare('SELECT count(*) FROM addresses').pluck().get()).toBe(many);
});
