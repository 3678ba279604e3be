import { describe, expect, it } from 'vitest';
import { textWidth } from '../../src/report/text.ts';

/** What each of some characters, at the edges of their ranges above all, takes by East_Asian_Width (Unicode annex 11). */
const COLUMNS: [columns: number, what: string, characters: string][] = [
  [0, 'combining', '\u0300 \u036f \u20dd \u3099 \ufe0f \u{e0100}'],
  [0, 'format', '\u200b \u200d \ufeff'],
  [0, 'Hangul that joins the letter before', '\u1160 \u11ff \ud7b0 \ud7fb'],
  [1, 'narrow', 'a é µ ж \u10ff … ─ █ ← ✓'],
  [1, 'a symbol that is no emoji unless asked for', '\u2328 \u26a0 \u2714 \u2764 \u{1f321} \u{1f6cb}'],
  [1, 'beside something wide', '\u231c \u2328 \u232b \u26a2 \u303f \u3248 \u324f \u{1f003} \u{1f190}'],
  [1, 'halfwidth', '\uff61 \uff71 \uffdc \uffe8'],
  [1, 'half of a flag', '\u{1f1e6} \u{1f1ff}'],
  [2, 'Hangul', '\u1100 \u115f \ua960 \uac00 \ud7a3'],
  [
    2,
    'a sign below the emoji',
    '\u231a \u231b \u2329 \u232a \u23e9 \u23f0 \u23f3 \u25fd \u2614 \u2630 \u2637',
  ],
  [
    2,
    'a sign below the emoji',
    '\u2648 \u267f \u268a \u2693 \u26a1 \u26aa \u26bd \u26d4 \u26fd \u2705 \u270b',
  ],
  [
    2,
    'a sign below the emoji',
    '\u2728 \u274c \u274e \u2753 \u2757 \u2795 \u27b0 \u27bf \u2b1b \u2b50 \u2b55',
  ],
  [2, 'an ideograph or kana', '\u2e80 \u3000 \u303e あ 日 \u3247 \u3250 \u4dc0 \ua4c6 \uf900 \ufaff'],
  [2, 'fullwidth', '\ufe10 \ufe6b \uff01 \uff60 \uffe0 \uffe6'],
  [2, 'beyond the basic plane', '\u{16fe0} \u{17000} \u{1b000} \u{1d300} \u{1d376} \u{20000} \u{3134a}'],
  [
    2,
    'an emoji',
    '\u{1f004} \u{1f0cf} \u{1f18e} \u{1f191} \u{1f19a} \u{1f201} \u{1f251} \u{1f300} \u{1f64f}',
  ],
  [2, 'an emoji', '\u{1f680} \u{1f6fc} \u{1f7e0} \u{1f90c} \u{1f9ff} \u{1fa70}'],
];

describe.each(COLUMNS)('columns: %i for %s', (columns, _, characters) => {
  it.each(characters.split(' '))('%s', (character) => {
    expect(textWidth(character)).toBe(columns);
  });
});

it.each([
  ['日本', 4],
  ['e\u0301', 1],
  ['🇩🇪', 2],
  ['\u1112\u1161\u11ab', 2],
  ['✅ ok', 5],
])('%s is %i columns wide', (text, columns) => {
  expect(textWidth(text)).toBe(columns);
});
