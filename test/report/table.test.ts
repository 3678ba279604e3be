import { describe, expect, it } from 'vitest';
import { tableLines } from '../../src/report/table.ts';
import { cutText, printable, textWidth } from '../../src/report/text.ts';

it('aligns numbers at the right and words at the left', () => {
  const rows = [
    ['fin', '1,200'],
    ['unanswered', '3'],
  ];
  expect(tableLines(rows, { head: ['kind', 'count'] })).toEqual([
    'kind        count',
    'fin         1,200',
    'unanswered      3',
  ]);
});

it('counts wide characters as two columns, combining ones as none', () => {
  expect(
    tableLines([
      ['日本', 'a'],
      ['e\u0301', 'b'],
    ]),
  ).toEqual(['日本  a', 'e\u0301     b']);
  expect([textWidth('日本'), textWidth('e\u0301'), textWidth('🦈'), textWidth('µ…')]).toEqual([4, 1, 2, 2]);
});

it('cuts lines to the width, at a whole character', () => {
  expect(tableLines([['abcdefgh', 'x']], { width: 6 })).toEqual(['abcde…']);
  expect(cutText('日本語', 4)).toBe('日…');
  expect(cutText('日本', 4)).toBe('日本');
});

it.each([
  ['a\nb', 'a\\nb'],
  ['\x1b[31mred', '\\x1b[31mred'],
  ['\x7f\x9b1m', '\\x7f\\x9b1m'],
  ['evil\u202egnp', 'evil\\u{202e}gnp'],
  ['naïve 日本', 'naïve 日本'],
])('shows control characters in %j', (raw, shown) => {
  expect(printable(raw)).toBe(shown);
  expect(tableLines([[raw]])).toEqual([shown]);
});

describe('of more rows than its columns are measured on', () => {
  const rows = (...last: string[][]) => [...Array.from({ length: 1000 }, () => ['a', '1', 'x']), ...last];
  const linesOf = (...last: string[][]) => tableLines(rows(...last), { head: ['', 'n', 't'] });

  it('a later cell that is wider is whole, and moves only what is right of it', () => {
    expect(linesOf(['abc', '22', 'yz'], ['b', '2', 'z']).slice(-3)).toEqual([
      'a  1  x',
      'abc  22  yz',
      'b  2  z',
    ]);
  });

  it('a later word in a column of numbers leaves the others as they are', () => {
    expect(linesOf(['a', 'none', 'x'])[0]).toBe('   n  t');
  });

  it('a later cell beyond the columns is not lost', () => {
    expect(linesOf(['a', '1', 'x', 'more']).at(-1)).toBe('a  1  x  more');
  });
});

it('makes nothing of no rows, and a head of a head', () => {
  expect(tableLines([])).toEqual([]);
  expect(tableLines([], { head: ['a', 'b'] })).toEqual(['a  b']);
});
