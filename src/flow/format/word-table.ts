/** A word of the product, and what its users read about it. */
export interface Word {
  readonly word: string;
  /** In docs/schema.md; '' if the word says it all. */
  readonly meaning: string;
  /** Next to its count, in the tables of summary and report. */
  readonly note?: string;
  /** In the verdict under a ladder. */
  readonly sentence?: string;
}

/** All words of a column. A word's code is its index: inside flow/ and the store it is the code. */
export interface WordTable<Words extends readonly Word[] = readonly Word[]> {
  /** One sentence. */
  readonly about: string;
  /** The columns of the schema that have these words: `flows.close_kind`. */
  readonly columns: readonly string[];
  /** In the order of their codes: a new word goes to the end. */
  readonly words: Words;
}

/** The words of a table, in the order of their codes. */
export type WordList<Words extends readonly Word[]> = { readonly [I in keyof Words]: Words[I]['word'] };

/** Makes a table; its words keep their literal types. */
export function wordTable<const Words extends readonly Word[]>(table: WordTable<Words>): WordTable<Words> {
  return table;
}

/** The words of a table alone. */
export function wordsOf<Words extends readonly Word[]>({ words }: WordTable<Words>): WordList<Words> {
  return words.map(({ word }) => word) as WordList<Words>;
}

/** The code of a word. An unknown word does not compile; at run time it throws. */
export function code<List extends readonly string[]>(list: List, word: List[number]): number {
  const index = list.indexOf(word);
  if (index < 0) throw new Error(`no such word: ${word}`);
  return index;
}

/** Each word's note, or sentence. A table with a word that has none does not compile. */
export function textsOf<
  Field extends 'note' | 'sentence',
  Words extends readonly (Word & Record<Field, string>)[],
>({ words }: WordTable<Words>, field: Field): Readonly<Record<Words[number]['word'], string>> {
  const texts = words.map((entry) => [entry.word, entry[field]]);
  return Object.fromEntries(texts) as Record<Words[number]['word'], string>;
}
