import { describe, expect, it } from 'vitest';
import { WORD_TABLES } from '../../../scripts/docs/words.ts';
import { code, textsOf, wordsOf, wordTable } from '../../../src/flow/format/word-table.ts';

const COLORS = wordTable({
  about: 'Colours of a light.',
  columns: ['lights.color'],
  words: [
    { word: 'red', meaning: 'stop', note: 'top' },
    { word: 'green', meaning: 'go', note: 'bottom' },
  ],
});
const WORDS = wordsOf(COLORS);

describe('a word', () => {
  it('has its index as its code', () => {
    expect(WORDS.map((word) => code(WORDS, word))).toEqual([0, 1]);
  });

  it('that is unknown throws', () => {
    expect(() => code(WORDS, 'blue' as 'red')).toThrow('no such word: blue');
  });

  it('has its note', () => {
    expect(textsOf(COLORS, 'note')).toEqual({ red: 'top', green: 'bottom' });
  });
});

it.each(WORD_TABLES.map((table) => [table.columns[0], table] as const))(
  'no word of %s is there twice',
  (_, table) => {
    const words = wordsOf(table);
    expect([...new Set(words)]).toEqual(words);
  },
);
