import { type CommandLine, type Place, takingValues } from './completion-model.ts';

/** A completion script for fish 3 or later. */
export function fishCompletion(lines: readonly CommandLine[]): string {
  const takes = takingValues(lines);
  return `# fish completion for finwait

# Whether the words before the cursor are a command (argument 1) and, where argument 2 is given,
# this many arguments of it.
function __finwait_at
    set -l takes ${takes.map(quoted).join(' ')}
    set -l tokens (commandline -opc)
    set -e tokens[1]
    set -l command ''
    set -l option ''
    set -l place 0
    for word in $tokens
        if test -n "$option"
            set option ''
        else if string match -qr -- '^-.' $word
            contains -- "$command $word" $takes; and set option $word
        else if test -z "$command"
            set command $word
        else
            set place (math $place + 1)
        end
    end
    test "$command" = "$argv[1]"; or return 1
    test (count $argv) -lt 2; or test $place -eq $argv[2]
end

complete -c finwait -f
${lines.flatMap(completes).join('\n')}
`;
}

function completes({ name, options, places, repeats }: CommandLine): string[] {
  const command = name || "''";
  return [
    ...options.map(({ flags, description, value }) => {
      const spelled = flags.map((flag) =>
        flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      );
      const wanted = value ? ` -r ${action(value)}` : '';
      return `complete -c finwait -n ${quoted(`__finwait_at ${command}`)} ${spelled.join(' ')} -d ${quoted(description)}${wanted}`;
    }),
    ...places.flatMap((place, i) => {
      const at = repeats && i === places.length - 1 ? command : `${command} ${i}`;
      const free = place.files === undefined && place.words.length === 0;
      return free ? [] : [`complete -c finwait -n ${quoted(`__finwait_at ${at}`)} ${action(place)}`];
    }),
  ];
}

/** What completes a place; for free text nothing. */
function action({ words, files }: Place): string {
  if (files === 'database') return "-k -a '(__fish_complete_suffix .sqlite)'";
  if (files === 'any') return '-F';
  const list = words.map(({ word, description }) =>
    description ? `${word}\\t${quoted(description)}` : word,
  );
  return list.length > 0 ? `-f -a ${quoted(list.join(' '))}` : '-f';
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
