// Text for a terminal: nothing from a file may move the cursor, and columns line up.

/** C0, DEL, C1 and the characters that turn the reading direction. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Makes control characters visible: `\n`, `\t`, `\r` or `\xNN`, `\u{NNNN}`. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0)!;
    const short = { 9: '\\t', 10: '\\n', 13: '\\r' }[code];
    return short ?? (code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`);
  });
}

/** A capture's path for people: `-` is where the others have a name. */
export function fileName(path: string): string {
  return path === '-' ? 'standard input' : printable(path);
}

/** Combining and format characters, and the vowels and finals of Hangul, which join the syllable's first letter. */
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff\ud7b0-\ud7ff]$/u;
/** All of them are wide, but for regional indicators: two of those make a flag. */
const EMOJI = /^\p{Emoji_Presentation}$/u;
const REGIONAL_INDICATORS = [0x1f1e6, 0x1f1ff] as const;
/** What else has the East_Asian_Width W or F (Unicode annex 11), as first and last code points. */
const WIDE = [
  [0x1100, 0x115f], // first letters of Hangul syllables
  [0x2329, 0x232a], // angle brackets
  [0x2630, 0x2637], // trigrams, monograms and digrams
  [0x268a, 0x268f],
  [0x2e80, 0x303e], // radicals, ideographs, kana, Yi
  [0x3041, 0x3247],
  [0x3250, 0xa4c6],
  [0xa960, 0xa97c], // Hangul
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff], // compatibility and fullwidth forms
  [0xfe10, 0xfe6b],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x1b2fb], // Tangut, Khitan, Nushu, more kana
  [0x1d300, 0x1d376], // Tai Xuan Jing symbols, counting rods
  [0x1f200, 0x1f265], // enclosed ideographs
  [0x20000, 0x3fffd], // ideographs beyond the basic plane
] as const;

/** Columns the text takes on a terminal. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The text in at most `width` columns, an ellipsis for what was cut. */
export function cutText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = '';
  let room = width - 1;
  for (const character of text) {
    room -= characterWidth(character);
    if (room < 0) break;
    cut += character;
  }
  return `${cut}…`;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  if (ZERO_WIDTH.test(character)) return 0;
  if (EMOJI.test(character)) return isWithin(code, REGIONAL_INDICATORS) ? 1 : 2;
  return WIDE.some((range) => isWithin(code, range)) ? 2 : 1;
}

function isWithin(code: number, [first, last]: readonly [number, number]): boolean {
  return code >= first && code <= last;
}
