import { statSync } from 'node:fs';

/** What may stand first on a command line. */
export interface FirstWords {
  commands: readonly string[];
  /** Its own options, which need no command. */
  flags: readonly string[];
}

/** The words with the command that they leave out: `finwait FILE` is `finwait analyze FILE`. */
export function withCommand(words: readonly string[], { commands, flags }: FirstWords): readonly string[] {
  const [first = ''] = words;
  if (commands.includes(first) || flags.includes(first)) return words;
  const isOption = first.startsWith('-') && first !== '-';
  const leavesOut = isOption
    ? words.some(isFile) && !words.some((word) => commands.includes(word))
    : isFile(first);
  return leavesOut ? ['analyze', ...words] : words;
}

/** Whether a word can only be a file, or standard input: no command has a dot or a slash. */
function isFile(word: string): boolean {
  if (word === '-' || (/[./]/.test(word) && !word.startsWith('-'))) return true;
  try {
    return !statSync(word).isDirectory();
  } catch {
    return false;
  }
}
