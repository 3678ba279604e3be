import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { literal, withLiterals } from '../../../../src/report/diagnose/frame/literals.ts';

it.each([
  ['a parameter', 'x = :a', 'x = 5'],
  ['one that begins like another', ':ab + :a', "'it''s' + 5"],
  ['but not in a text', "':a' || :a", "':a' || 5"],
  ['nor in a quoted name', '":a" = :a', '":a" = 5'],
  ['nor in a comment', '-- :a\n:a /* :a */', '-- :a\n5 /* :a */'],
  ['nothing is NULL', 'x IS :none', 'x IS NULL'],
])('%s is written in', (_, sql, written) => {
  expect(withLiterals(sql, { a: 5, ab: "it's", none: null })).toBe(written);
});

it('a parameter without a value is a mistake', () => {
  expect(() => withLiterals(':a', {})).toThrow('no value for :a');
});

it('any text comes back from SQLite as it was', () => {
  const db = new Database(':memory:');
  // A statement ends at a NUL.
  const text = fc.string({ unit: 'binary' }).filter((one) => !one.includes('\0'));
  fc.assert(
    fc.property(text, (one) => {
      expect(
        db
          .prepare(`SELECT ${literal(one)}`)
          .pluck()
          .get(),
      ).toBe(one);
    }),
  );
  db.close();
});

it('SQL has no infinity', () => {
  expect(() => literal(Number.POSITIVE_INFINITY)).toThrow();
});
