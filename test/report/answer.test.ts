import { describe, expect, it } from 'vitest';
import { type Answer, formatAnswer } from '../../src/report/answer.ts';
import type { Format } from '../../src/report/rows.ts';
import { styles } from '../../src/report/style.ts';

const ANSWER: Answer = {
  fields: [
    { name: 'ip', kind: 'plain' },
    { name: 'port', kind: 'plain' },
    { name: 'since_us', kind: 'time' },
    { name: 'longest_us', kind: 'duration' },
    { name: 'sockets', kind: 'count', head: 'n' },
  ],
  rows: [
    ['10.0.0.1', 80, 1_700_000_000_123_456, 1_500_000, 1234],
    ['::1', 443, null, 20, 1],
  ],
};

function formatted(format: Format): string {
  const options = { format, utc: true, terminal: false, width: undefined, style: styles(false) };
  return [...formatAnswer(ANSWER, options)].join('');
}

describe('an answer', () => {
  it('table: times, durations and counts as people read them', () => {
    expect(formatted('table')).toBe(
      [
        'ip        port  since                     longest      n',
        '10.0.0.1    80  2023-11-14T22:13:20.123Z   1.50 s  1,234',
        '::1        443                              20 µs      1',
        '',
      ].join('\n'),
    );
  });

  it('md: the same', () => {
    expect(formatted('md').split('\n')[2]).toBe(
      '| 10.0.0.1 | 80 | 2023-11-14T22:13:20.123Z | 1.50 s | 1,234 |',
    );
  });

  it.each(['json', 'jsonl', 'csv'] as const)('%s: the numbers themselves, by name', (format) => {
    const text = formatted(format);
    expect(text).toContain('1700000000123456');
    expect(text).toContain('longest_us');
    expect(text).not.toContain('1.50 s');
  });
});
