import type { Command, Option } from 'commander';

// What --help says, in pieces.

/** A term and what it means, as --help has them: an option, an argument, a command. */
export interface Entry {
  term: string;
  description: string;
}

/** A part after the options: text, or lines that are shown as they are, with a title where it has one. */
export type Section = { title: string; text: string } | { title: string; lines: string[] };

/** All that the help of a command says. */
export interface Help {
  /** As typed: `finwait`, `finwait analyze`. */
  name: string;
  /** The whole command line: `finwait analyze [options] <file...>`. */
  usage: string;
  summary: string;
  description: string;
  arguments: Entry[];
  options: Entry[];
  sections: Section[];
}

/** The program, then its commands. */
export function allHelp(program: Command): Help[] {
  return [program, ...program.createHelp().visibleCommands(program)].map(helpOf);
}

function helpOf(command: Command): Help {
  const help = command.createHelp();
  // Every command has --help; it is described once, with the program.
  const isItsOwn = ({ long }: Option) => command.parent === null || long !== '--help';
  return {
    name: command.parent ? `${command.parent.name()} ${command.name()}` : command.name(),
    usage: help.commandUsage(command),
    summary: help.subcommandDescription(command),
    description: help.commandDescription(command),
    arguments: help.visibleArguments(command).map((argument) => ({
      term: help.argumentTerm(argument),
      description: help.argumentDescription(argument),
    })),
    options: help
      .visibleOptions(command)
      .filter(isItsOwn)
      .map((option) => ({
        term: help.optionTerm(option),
        description: help.optionDescription(option),
      })),
    sections: sections(textBehind(command)),
  };
}

/** What a command adds after the options. */
function textBehind(command: Command): string {
  let text = '';
  command.configureOutput({ ...command.configureOutput(), writeOut: (piece) => (text += piece) });
  command.outputHelp();
  return text.slice(command.helpInformation().length);
}

/** Paragraphs; `Example:` stands on a line of its own above lines to be kept, `Exit codes: ...` in its text. */
function sections(text: string): Section[] {
  const paragraphs = text.split(/\n{2,}/).map((paragraph) => paragraph.replace(/^\n|\n$/g, ''));
  return paragraphs
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => {
      const [first = '', ...rest] = paragraph.split('\n');
      const kept = rest.length > 0 && rest.every((line) => line.startsWith('  '));
      if (kept && first.endsWith(':'))
        return { title: first.slice(0, -1), lines: rest.map((line) => line.slice(2)) };
      const [, title = '', body = paragraph] = /^(Exit codes): (.*)$/s.exec(paragraph) ?? [];
      return { title, text: body.replace(/\s*\n\s*/g, ' ') };
    });
}
