import { readFileSync } from 'node:fs';

const SOURCE = new URL('../../src/flow/format/words.ts', import.meta.url);

/** A list of words of src/flow/format/words.ts, with what its comments say. */
export interface WordList {
  /** The columns that have these words: `flows.close_kind`. */
  columns: string[];
  /** One sentence. */
  about: string;
  /** The meaning is '' where the word needs none. */
  words: { word: string; meaning: string }[];
}

/** The lists whose comment names a column, in the order of the file. */
export function wordLists(): WordList[] {
  const lists = readFileSync(SOURCE, 'utf8').matchAll(
    /\/\*\*((?:(?!\*\/).)*)\*\/\nexport const \w+ = \[(.*?)\] as const;/gs,
  );
  return [...lists]
    .map(([, comment = '', body = '']) => {
      const text = comment.replace(/\n \*/g, '').trim();
      return {
        columns: [...text.matchAll(/`(\w+\.\w+)`/g)].map(([, column = '']) => column),
        about: text.replace(/ \(`[^)]*`\)/, '').replace(/\. .*$/, '.'),
        words: [...body.matchAll(/'([^']+)',?(?: \/\/ (.*))?/g)].map(([, word = '', meaning = '']) => ({
          word,
          meaning,
        })),
      };
    })
    .filter(({ columns }) => columns.length > 0);
}
