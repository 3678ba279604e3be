import { shellQuoted } from '../../capture/base/shell.ts';
import { type CommandLine, type Place, takingValues } from './completion-model.ts';

/** A completion script for bash 4 or later, which needs nothing else. */
export function bashCompletion(lines: readonly CommandLine[]): string {
  const takes = takingValues(lines);
  return `# bash completion for finwait

# Whether an option of a command awaits a value.
_finwait_takes() {
  case $1 in
    ${takes.map(shellQuoted).join(' | ')}) return 0 ;;
  esac
  return 1
}

_finwait_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_finwait_files() {
  compopt -o default
}

# Databases and folders; where there are none, any file.
_finwait_databases() {
  mapfile -t COMPREPLY < <(compgen -f -X '!*.sqlite' -- "$cur")
  if ((\${#COMPREPLY[@]} == 0)); then
    _finwait_files
    return
  fi
  mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$cur")
  compopt -o filenames
}

_finwait() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command='' option='' place=0 ended='' glued='' word
  COMPREPLY=()
  # bash cuts words at = and : as well; what follows belongs to the word before.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $word == [=:]* ]]; then
      [[ $option ]] || glued=1
    elif [[ $glued ]]; then
      glued=''
    elif [[ $option ]]; then
      option=''
    elif [[ $word == -- ]]; then
      ended=1
    elif [[ $word == -?* && ! $ended ]]; then
      _finwait_takes "$command $word" && option=$word
    elif [[ ! $command ]]; then
      command=$word
    else
      place=$((place + 1))
    fi
  done
  if [[ $cur == [=:]* ]]; then
    [[ $option ]] || glued=1
    cur=''
  fi
  [[ $glued ]] && return
  if [[ $option ]]; then
    place=$option
  elif [[ $cur == -* && ! $ended ]]; then
    place=-
  fi
  case "$command $place" in
${lines.flatMap(cases).join('\n')}
  esac
}

complete -F _finwait finwait
`;
}

/** What follows a command, by the place of the cursor: an argument's number, an option's name, or - for its options. */
function cases({ name, options, places, repeats }: CommandLine): string[] {
  const flags = options.flatMap((option) => option.flags);
  return [
    ...options.flatMap(({ flags, value }) =>
      value
        ? arm(
            flags.map((flag) => shellQuoted(`${name} ${flag}`)),
            value,
          )
        : [],
    ),
    ...places.flatMap((place, i) =>
      arm(
        [
          repeats && i === places.length - 1
            ? `${shellQuoted(`${name} `)}[0-9]*`
            : shellQuoted(`${name} ${i}`),
        ],
        place,
      ),
    ),
    `    ${shellQuoted(`${name} -`)}) _finwait_words ${shellQuoted(flags.join(' '))} ;;`,
  ];
}

function arm(patterns: readonly string[], { words, files }: Place): string[] {
  const action =
    files === 'database'
      ? '_finwait_databases'
      : files === 'any'
        ? '_finwait_files'
        : `_finwait_words ${shellQuoted(words.map(({ word }) => word).join(' '))}`;
  return files || words.length > 0 ? [`    ${patterns.join(' | ')}) ${action} ;;`] : [];
}
