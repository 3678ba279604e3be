import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FORMATS, type Format, formatRows, type Value } from '../../src/report/rows.ts';
import { styles } from '../../src/report/style.ts';

const COLUMNS = ['n', 'text', 'n'];
const ROWS: Value[][] = [
  [1n, 'plain', null],
  [2n ** 62n, 'a "b", c\r\nd | e\x1b', 1.5],
  [-3n, '', new Uint8Array([0, 255])],
];

const PLAIN = { terminal: false, width: undefined, style: styles(false) };

function formatted(format: Format, rows: Value[][], columns = COLUMNS, terminal = false): string {
  return [...formatRows(columns, rows, { ...PLAIN, format, terminal })].join('');
}

describe('formats', () => {
  it('json: valid, whole numbers whole, names distinct', () => {
    expect(formatted('json', ROWS)).toBe(
      '[\n{"n":1,"text":"plain","n_2":null},\n' +
        '{"n":4611686018427387904,"text":"a \\"b\\", c\\r\\nd | e\\u001b","n_2":1.5},\n' +
        '{"n":-3,"text":"","n_2":"00ff"}\n]\n',
    );
  });

  it('json: an empty list, and null for what JSON has not', () => {
    expect(formatted('json', [])).toBe('[]\n');
    expect(JSON.parse(formatted('json', [[Infinity]], ['x']))).toEqual([{ x: null }]);
  });

  it.each(['json', 'jsonl'] as const)('%s: what a terminal would obey is an escape', (format) => {
    const unsafe = 'a\x7f\x9b2J\u061c\u202e\u2066é\u2028';
    const text = formatted(format, [[unsafe]], [unsafe]);
    expect(text).toContain('"a\\u007f\\u009b2J\\u061c\\u202e\\u2066é');
    expect([JSON.parse(text)].flat()).toEqual([{ [unsafe]: unsafe }]);
  });

  it('jsonl: an object a line', () => {
    const lines = formatted('jsonl', ROWS).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).text)).toEqual(['plain', 'a "b", c\r\nd | e\x1b', '']);
  });

  it('csv: RFC 4180 but for the ends of lines, which are those of awk', () => {
    expect(formatted('csv', ROWS)).toBe(
      'n,text,n\n1,plain,\n4611686018427387904,"a ""b"", c\r\nd | e\x1b",1.5\n-3,,00ff\n',
    );
  });

  it('csv: RFC 4180 to the letter', () => {
    const text = [...formatRows(['x', 'y'], [[1, 'a\nb']], { ...PLAIN, format: 'csv', crlf: true })].join('');
    expect(text).toBe('x,y\r\n1,"a\nb"\r\n');
  });

  it('csv: control characters shown on a terminal', () => {
    expect(formatted('csv', [['\x1b[2J']], ['x'], true)).toBe('x\n\\x1b[2J\n');
  });

  it('md: cells cannot leave their column', () => {
    expect(formatted('md', [['a|b\nc']], ['x'])).toBe('| x |\n| --- |\n| a\\|b\\nc |\n');
  });

  it.each([
    ['a\\|b', 'a\\\\\\|b'],
    ['a\\\\|', 'a\\\\\\\\\\|'],
    ['\\x', '\\x'],
  ])('md: nor by a backslash: %s', (text, cell) => {
    expect(formatted('md', [[text]], ['x'])).toBe(`| x |\n| --- |\n| ${cell} |\n`);
  });

  it('table: numbers right, control characters shown', () => {
    expect(
      formatted(
        'table',
        [
          [1n, 'a\x1b'],
          [20n, null],
        ],
        ['n', 't'],
      ),
    ).toBe(' n  t\n 1  a\\x1b\n20\n');
  });

  it.each(FORMATS)('%s of no rows is still well formed', (format) => {
    const expected = { table: 'a\n', json: '[]\n', jsonl: '', csv: 'a\n', md: '| a |\n| --- |\n' };
    expect(formatted(format, [], ['a'])).toBe(expected[format]);
  });
});

it.each([false, true])('property: CSV read back by its rules gives the cells (CRLF: %s)', (crlf) => {
  const rows = fc.array(
    fc.array(fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', '|') }), {
      minLength: 2,
      maxLength: 2,
    }),
  );
  fc.assert(
    fc.property(rows, (cells) => {
      const text = [...formatRows(['x', 'y'], cells, { ...PLAIN, format: 'csv', crlf })].join('');
      expect(readCsv(text, crlf ? '\r\n' : '\n')).toEqual([['x', 'y'], ...cells]);
    }),
  );
});

/** A reader of RFC 4180, written from its grammar, but for what ends a line. */
function readCsv(text: string, lineEnd: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  const field = new RegExp(`(?:"((?:[^"]|"")*)"|([^",\\r\\n]*))(,|${lineEnd})`, 'y');
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (match === null) throw new Error(`not CSV: ${text}`);
    record.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
}

describe('many rows', () => {
  const MANY = 125_000;
  /** Rows that say how many of them were taken. */
  function counted(count: number) {
    const rows = {
      taken: 0,
      *[Symbol.iterator](): Generator<Value[]> {
        while (rows.taken < count) yield [++rows.taken];
      },
    };
    return rows;
  }

  it.each(FORMATS)('%s has them all', (format) => {
    const text = [...formatRows(['n'], counted(MANY), { ...PLAIN, format })].join('');
    expect(text.match(/125000/g)).toHaveLength(1);
    expect(text.match(/\d+/g)).toHaveLength(MANY);
  });

  it.each(FORMATS)('%s is written as they come: no more than a thousand are waited for', (format) => {
    const rows = counted(MANY);
    const pieces = formatRows(['n'], rows, { ...PLAIN, format });
    for (let i = 0; i < 3; i++) pieces.next();
    expect(rows.taken).toBeLessThanOrEqual(1000);
  });
});
