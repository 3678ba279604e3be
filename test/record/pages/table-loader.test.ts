import { execFileSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../database.ts';
import { lacks } from '../program.ts';
import { checksOf, contentOf, insertTable, loadTable, type Row, shapeOf } from '../tables.ts';

/** The smallest page there is, for trees with many levels. */
const SMALL = 512;
/** Children of an interior page of 512 bytes: (512 - 12) / 15. */
const FAN_OUT = 33;

const edges = [7, 15, 23, 31, 47, 53].flatMap((bits) => [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]);
const whole = fc
  .oneof(fc.constantFrom(Number.NaN, 0, 1, -1, ...edges, ...edges.map((edge) => -edge)), fc.maxSafeInteger())
  .map((value) => (Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : Number.NaN));
const letters = fc.string({ maxLength: 300, unit: fc.constantFrom('a', '7', ' ', '~') });

/** Rows with rising rowids, near to each other and far apart. */
const rowsOf = (minLength: number, maxLength: number) =>
  fc.integer({ min: 0, max: 6 }).chain((width) =>
    fc
      .array(
        fc.record({
          gap: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 ** 40 })),
          integers: fc.array(whole, { minLength: width, maxLength: width }),
          text: letters,
        }),
        { minLength, maxLength },
      )
      .map((rows) => {
        let id = 0;
        return rows.map(({ gap, integers, text }): Row => {
          id += gap;
          return { id, integers, text };
        });
      }),
  );

/** Rows of one width: `count` of them, each with `length` letters. */
const evenRows = (count: number, length: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({ id: i + 1, integers: [i], text: 'x'.repeat(length) }));

const file = (name: string) => join(temporaryFolder(), name);

describe('a loaded table', () => {
  it('property: holds what INSERT would have put there, in the same bytes a row', () => {
    fc.assert(
      fc.property(rowsOf(0, 200), fc.constantFrom(SMALL, 4096, 65_536), (rows, pageSize) => {
        const [loaded, inserted] = [file('loaded'), file('inserted')];
        loadTable(loaded, pageSize, rows);
        insertTable(inserted, pageSize, rows);
        expect(contentOf(loaded)).toEqual(contentOf(inserted));
        expect(checksOf(loaded)).toEqual(['ok', 'ok']);
        const { cells, payload } = shapeOf(inserted);
        expect(shapeOf(loaded)).toMatchObject({ cells, payload });
      }),
      { numRuns: 40 },
    );
  });

  it.skipIf(lacks('sqlite3'))('reads the same in the sqlite3 shell (needs the program sqlite3)', () => {
    const rows = fc.sample(rowsOf(500, 500), { numRuns: 1, seed: 1 })[0]!;
    const [loaded, inserted] = [file('loaded'), file('inserted')];
    loadTable(loaded, SMALL, rows);
    insertTable(inserted, SMALL, rows);
    const dump = (path: string) =>
      execFileSync('sqlite3', [path, 'PRAGMA integrity_check; SELECT * FROM t'], { encoding: 'utf8' });
    expect(dump(loaded).split('\n')).toHaveLength(502);
    expect(dump(loaded)).toBe(dump(inserted));
  });

  it.each([
    // one row fills a leaf
    [0, 1],
    [1, 1],
    [2, 2],
    [FAN_OUT, 2],
    [FAN_OUT + 1, 3],
    [2 * FAN_OUT - 1, 3],
    [2 * FAN_OUT, 3],
    [2 * FAN_OUT + 1, 3],
    [FAN_OUT ** 2, 3],
    [FAN_OUT ** 2 + 1, 4],
    [2 * FAN_OUT ** 2 + FAN_OUT, 4],
    [FAN_OUT ** 3 + 1, 5],
  ])('of %i leaves is a tree of %i levels', (leaves, levels) => {
    const path = file('levels');
    const rows = evenRows(leaves, 300);
    loadTable(path, SMALL, rows);
    expect(checksOf(path)).toEqual(['ok', 'ok']);
    expect(shapeOf(path)).toMatchObject({ levels, cells: leaves });
    const db = new Database(path, { readonly: true });
    const find = db.prepare('SELECT i0 FROM t WHERE id = ?').pluck();
    expect(rows.filter(({ id, integers }) => find.get(id) !== integers[0])).toEqual([]);
    db.close();
  });

  it('fills a leaf to the last byte, and never beyond', () => {
    let full = 0;
    for (let length = 0; length < 440; length++) {
      const path = file('full');
      const rows = evenRows(20, length);
      loadTable(path, SMALL, rows);
      expect(checksOf(path)).toEqual(['ok', 'ok']);
      expect(contentOf(path)).toHaveLength(rows.length);
      full += shapeOf(path).fullLeaves;
    }
    expect(full).toBeGreaterThan(0);
  });

  it('takes the longest record a page holds, and refuses a longer one', () => {
    // header: its length, NULL, a text's type in 2 bytes; the record may be 35 bytes shorter than the page
    const longest = 'x'.repeat(SMALL - 35 - 4);
    const row = (text: string): Row => ({ id: 1, integers: [], text });
    const [loaded, inserted] = [file('loaded'), file('inserted')];
    loadTable(loaded, SMALL, [row(longest)]);
    insertTable(inserted, SMALL, [row(longest)]);
    expect(checksOf(loaded)).toEqual(['ok', 'ok']);
    expect(contentOf(loaded)).toEqual(contentOf(inserted));
    expect(() => loadTable(file('longer'), SMALL, [row(`${longest}x`)])).toThrow(
      /row 1 is longer than a page/,
    );
  });

  it.each([[[5, 5]], [[5, 4]]])('refuses rowids that do not rise: %j', (ids) => {
    const rows = ids.map((id): Row => ({ id, integers: [], text: '' }));
    expect(() => loadTable(file('unsorted'), SMALL, rows)).toThrow(RangeError);
  });

  it('keeps its header of more than 127 types apart', () => {
    for (let width = 120; width < 132; width++) {
      const rows: Row[] = [{ id: 1, integers: Array.from({ length: width }, (_, i) => i), text: 'end' }];
      const [loaded, inserted] = [file('loaded'), file('inserted')];
      loadTable(loaded, 1024, rows);
      insertTable(inserted, 1024, rows);
      expect(contentOf(loaded)).toEqual(contentOf(inserted));
      expect(shapeOf(loaded)).toEqual(shapeOf(inserted));
    }
  });

  it('is a table like any other: INSERT, UPDATE, DELETE, CREATE INDEX and VACUUM work on it', () => {
    const path = file('alive');
    loadTable(path, SMALL, evenRows(3000, 40));
    const db = new Database(path);
    const steps = [
      `INSERT INTO t (i0, text) SELECT i0, 'new' FROM t WHERE id <= 500`,
      `UPDATE t SET text = text || text || text WHERE id % 3 = 0`,
      `DELETE FROM t WHERE id % 2 = 0`,
      `CREATE INDEX t_i0 ON t (i0)`,
      'VACUUM',
    ];
    for (const sql of steps) {
      db.exec(sql);
      expect([sql, db.pragma('integrity_check', { simple: true })]).toEqual([sql, 'ok']);
    }
    expect(db.prepare('SELECT count(*), max(id) FROM t').raw().get()).toEqual([1750, 3499]);
    db.close();
  });

  it('leaves the page out that SQLite locks, 1 GiB into the file', () => {
    const path = file('large');
    const pageSize = 65_536;
    const holeEnd = 2 ** 30 / pageSize - 10;
    loadTable(path, pageSize, evenRows(40, 60_000), (made) => truncateSync(made, holeEnd * pageSize));
    const db = new Database(path, { readonly: true });
    const findings = String(db.pragma('integrity_check(100000)', { simple: true }))
      .split('\n')
      .slice(1);
    const inHole = /^Page \d+: never used$/;
    expect(findings.filter((finding) => !inHole.test(finding))).toEqual([]);
    expect(findings).toHaveLength(holeEnd - 2); // the schema's page and the root stand before it
    expect(db.prepare('SELECT count(*), sum(i0), sum(length(text)) FROM t').raw().get()).toEqual([
      40, 780, 2_400_000,
    ]);
    db.close();
  });
});
