/** How often words occur, in their list's order; those that never do are left out. */
export type WordCounts<Word extends string = string> = { word: Word; count: number }[];

/** Counts the words of a list by their codes. */
export class WordCounter<Word extends string> {
  readonly #words: readonly Word[];
  readonly #counts: number[];

  constructor(words: readonly Word[]) {
    this.#words = words;
    this.#counts = words.map(() => 0);
  }

  /** NULL is no word. */
  add(code: number | null): void {
    if (code !== null) this.#counts[code]!++;
  }

  /** How often the word of a code has occurred. */
  of(code: number): number {
    return this.#counts[code]!;
  }

  counts(): WordCounts<Word> {
    return this.#words
      .map((word, code) => ({ word, count: this.#counts[code]! }))
      .filter(({ count }) => count > 0);
  }
}
