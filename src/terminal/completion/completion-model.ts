import type { Argument, Command, Option } from 'commander';

// What a shell has to know of the command line, taken from commander's own data.

/** A word to type, with its meaning, which may be ''. */
export interface Word {
  readonly word: string;
  readonly description: string;
}

/** What stands in an argument's or an option's place: one of some words, or a file, or free text. */
export interface Place {
  readonly name: string;
  readonly words: readonly Word[];
  readonly files: 'database' | 'any' | undefined;
}

/** An option with all its spellings; `value` where it takes one. */
export interface OptionPlace {
  readonly flags: readonly string[];
  readonly description: string;
  readonly value: Place | undefined;
  /** Whether it may come again: a parser can gather values, but not where there is a default to replace. */
  readonly repeats: boolean;
}

/** A command, or the program itself: its name is '' and its only argument the command. */
export interface CommandLine {
  readonly name: string;
  readonly options: readonly OptionPlace[];
  readonly places: readonly Place[];
  /** Whether the last place takes any number of words. */
  readonly repeats: boolean;
}

/** What a placeholder in a usage line stands for, where it is a file. */
const FILES: Readonly<Record<string, Place['files']>> = { db: 'database', out: 'database', file: 'any' };

/** Words that stand in for a placeholder in a usage line, by its name: those of the named queries, for one. */
export type WordsFor = Readonly<Record<string, readonly Word[]>>;

/** The program first, then its commands. */
export function commandLines(program: Command, wordsFor: WordsFor): CommandLine[] {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const choice: Place = {
    name: 'command',
    words: commands.map((command) => ({
      word: command.name(),
      description: help.subcommandDescription(command),
    })),
    files: undefined,
  };
  const options = (command: Command) =>
    help.visibleOptions(command).map((option) => optionPlace(option, wordsFor));
  return [
    { name: '', options: options(program), places: [choice], repeats: false },
    ...commands.map((command) => ({
      name: command.name(),
      options: options(command),
      places: command.registeredArguments.map((argument) => place(argument.name(), argument, wordsFor)),
      repeats: command.registeredArguments.at(-1)?.variadic ?? false,
    })),
  ];
}

/** The options that take a value, each spelling after its command: `flows --limit`. */
export function takingValues(lines: readonly CommandLine[]): string[] {
  return lines.flatMap(({ name, options }) =>
    options.filter(({ value }) => value).flatMap(({ flags }) => flags.map((flag) => `${name} ${flag}`)),
  );
}

function optionPlace(option: Option, wordsFor: WordsFor): OptionPlace {
  const name = /[<[]([^\]>.]+)/.exec(option.flags)?.[1];
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    description: option.description,
    value: name === undefined ? undefined : place(name, option, wordsFor),
    repeats: option.variadic || (option.parseArg !== undefined && option.defaultValue === undefined),
  };
}

function place(name: string, { argChoices }: Argument | Option, wordsFor: WordsFor): Place {
  const choices = argChoices?.map((word) => ({ word, description: '' })) ?? [];
  return { name, words: wordsFor[name] ?? choices, files: FILES[name] };
}
