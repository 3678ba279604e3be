import { shellQuoted } from '../../capture/base/shell.ts';
import type { CommandLine, OptionPlace, Place } from './completion-model.ts';

/**
 * A completion script for zsh, to be sourced or to stand as `_finwait` in a folder of $fpath.
 * Its -M keeps `--` from matching words that have two dashes somewhere.
 */
export function zshCompletion(lines: readonly CommandLine[]): string {
  const [program, ...commands] = lines;
  return `#compdef finwait
# zsh completion for finwait
${commands
  .map(
    (command) => `
_finwait_${command.name}() {
  _arguments -s -S -M 'r:|=*' ${joined(specs(command))}
}
`,
  )
  .join('')}
_finwait() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C -s -S ${joined([...specs(program!), `'*::argument:->argument'`])} && return
  [[ $state == argument ]] || return
  case $words[1] in
${commands.map(({ name }) => `    ${name}) _finwait_${name} ;;`).join('\n')}
  esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _finwait "$@"
else
  compdef _finwait finwait
fi
`;
}

function joined(specs: readonly string[]): string {
  return specs.map((spec) => `\\\n    ${spec}`).join(' ');
}

/** The command's options and arguments, as _arguments wants them. */
function specs({ options, places, repeats }: CommandLine): string[] {
  const last = places.length - 1;
  return [
    ...options.flatMap(optionSpecs),
    ...places.map((place, i) => shellQuoted(`${repeats && i === last ? '*' : i + 1}:${message(place)}`)),
  ];
}

/** One spec a spelling; the spellings exclude each other unless the option may come again. */
function optionSpecs({ flags, description, value, repeats }: OptionPlace): string[] {
  const before = repeats ? '*' : `(${flags.join(' ')})`;
  const text = `[${description.replace(/[\\[\]]/g, '\\$&')}]`;
  return flags.map((flag) => shellQuoted(`${before}${flag}${text}${value ? `:${message(value)}` : ''}`));
}

/** The name of a place and what completes it. */
function message({ name, words, files }: Place): string {
  const title = name.replaceAll(':', '\\:');
  if (files !== undefined) return `${title}:_files${files === 'database' ? ' -g "*.sqlite"' : ''}`;
  if (words.length === 0) return `${title}: `;
  if (words.every(({ description }) => description === '')) {
    return `${title}:(${words.map(({ word }) => word).join(' ')})`;
  }
  const described = words.map(
    ({ word, description }) => `${word}\\:"${description.replace(/[\\"$`:]/g, '\\$&')}"`,
  );
  return `${title}:((${described.join(' ')}))`;
}
