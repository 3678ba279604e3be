import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPLAINED_STATES } from '../../../src/report/diagnose/articles.ts';
import { RULES } from '../../../src/report/diagnose/rules.ts';
import { queryNames } from '../../../src/report/named-query.ts';
import { SHELLS } from '../../../src/terminal/commands/completion.ts';
import { newProgram } from '../../../src/terminal/program.ts';
import { lacks } from '../../record/program.ts';
import { finwait } from '../finwait.ts';

const program = await newProgram();
const commands = program.commands.map((command) => command.name());
const formats = ['csv', 'json', 'jsonl', 'md', 'table'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'finwait-completion-'));
  for (const shell of SHELLS) writeFileSync(script(shell), finwait(['completion', shell]).stdout);
  writeFileSync(join(folder, 'zsh-driver'), ZSH_DRIVER);
  mkdirSync(join(folder, 'files', 'old'), { recursive: true });
  for (const name of ['web.sqlite', 'a b.sqlite', 'monday.pcap'])
    writeFileSync(join(folder, 'files', name), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const script = (shell: string) => join(folder, `script.${shell}`);

/** Runs a shell in the folder of files; the lines it prints. */
function run(shell: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string[] {
  const printed = execFileSync(shell, args, {
    cwd: join(folder, 'files'),
    env: { ...process.env, HOME: folder, ...env },
    timeout: 20_000,
    encoding: 'utf8',
  });
  return printed.split('\n').filter((line) => line !== '');
}

/**
 * What bash offers behind a line. The line is cut as readline cuts it, at = and : too; `compopt`,
 * which works only under readline, is printed instead.
 */
function bash(line: string): string[] {
  const words = line
    .split(/ +|(?<=[=:])(?![=:])|(?<![=:])(?=[=:])/)
    .filter((word, i, all) => word || i === all.length - 1);
  const ask = `compopt() { echo "compopt $*"; }; source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1));
    _finwait; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return run('bash', ['--norc', '-c', ask, script('bash'), ...words]).sort();
}

/** What fish offers behind a line: words with descriptions. */
function fish(line: string): string[] {
  return run('fish', ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', script('fish'), line]);
}

const words = (answers: readonly string[]) => answers.map((answer) => answer.split('\t')[0]);

/** What zsh's completion adds behind a line, on a terminal of its own. */
function zsh(line: string): string[] {
  const hits = join(folder, 'zsh-hits');
  const env = {
    FINWAIT_SCRIPT: script('zsh'),
    FINWAIT_HITS: hits,
    FINWAIT_DRIVER: join(folder, 'zsh-driver'),
  };
  const ask = `zmodload zsh/zpty; zpty shell zsh -f -i; zpty -w shell 'source $FINWAIT_DRIVER'
    zpty -r shell out '*READY*'; zpty -w -n shell "$1"$'\\x18'; zpty -r shell out '*DONE*'`;
  run('zsh', ['-f', '-c', ask, 'zsh', line], env);
  return readFileSync(hits, 'utf8').split('\n').slice(0, -1).sort();
}

/** Run inside the shell that completes: writes down what is added when ^X is pressed. */
const ZSH_DRIVER = `PS1=''
autoload -Uz compinit; compinit -u -d $FINWAIT_SCRIPT.dump
source $FINWAIT_SCRIPT
compadd() {
  if [[ \${@[1,(i)(-|--)]} != *-(O|A|D)\\ * ]]; then
    local -a hits; builtin compadd -A hits "$@"; (( $#hits )) && print -rl -- $hits >> $FINWAIT_HITS
  fi
  builtin compadd "$@"
}
finwait-hits() { : > $FINWAIT_HITS; zle list-choices; print -r -- DO""NE; }
zle -N finwait-hits; bindkey '^X' finwait-hits
print -r -- REA""DY
`;

const shells = [
  { shell: 'bash', offers: bash },
  { shell: 'zsh', offers: zsh },
  { shell: 'fish', offers: (line: string) => words(fish(line)).sort() },
];

describe.each(shells)('in $shell', ({ shell, offers }) => {
  const only = it.skipIf(lacks(shell));

  only('finwait is followed by the commands', () => {
    expect(offers('finwait ')).toEqual([...commands].sort());
  });

  only('a beginning is finished', () => {
    expect(offers('finwait compl')).toEqual(['completion']);
  });

  only('--format has its choices', () => {
    expect(offers('finwait flows --format ')).toEqual(formats);
    expect(offers('finwait flows web.sqlite -f ')).toEqual(formats);
  });

  only('an argument with choices has them', () => {
    expect(offers('finwait completion ')).toEqual([...SHELLS].sort());
  });

  only('a named query stands behind the database and behind --show', () => {
    const names = queryNames();
    expect(offers('finwait query web.sqlite ')).toEqual(names);
    expect(offers('finwait query --show ')).toEqual(names);
    expect(offers('finwait query --format csv web.sqlite ')).toEqual(names);
  });

  only('a finding stands behind explain and diagnose --only, a state behind explain', () => {
    const codes = RULES.map(({ code }) => code).sort();
    expect(offers('finwait explain ')).toEqual([...codes, ...EXPLAINED_STATES].sort());
    expect(offers('finwait diagnose web.sqlite --only ')).toEqual(codes);
  });

  only.each(program.commands.map((command) => [command.name(), command] as const))(
    '%s has all its options',
    (name, command) => {
      const long = command.options.map((option) => option.long);
      expect(offers(`finwait ${name} --`)).toEqual([...long, '--help'].sort());
    },
  );
});

describe('databases come first where one is wanted', () => {
  it.skipIf(lacks('bash'))('bash offers them and folders; any file where none fits', () => {
    const databases = ['a b.sqlite', 'compopt -o filenames', 'old', 'web.sqlite'];
    expect(bash('finwait flows ')).toEqual(databases);
    expect(bash('finwait analyze --db ')).toEqual(databases);
    expect(bash('finwait flows mon')).toEqual(['compopt -o default']);
  });

  it.skipIf(lacks('zsh'))('zsh offers them and folders; any file where none fits', () => {
    expect(zsh('finwait flows ')).toEqual(['a\\ b.sqlite', 'old', 'web.sqlite']);
    expect(zsh('finwait flows mon')).toEqual(['monday.pcap']);
  });

  it.skipIf(lacks('fish'))('fish sorts them to the top', () => {
    expect(words(fish('finwait flows '))).toEqual(['a b.sqlite', 'web.sqlite', 'old/', 'monday.pcap']);
  });
});

describe('any file where a capture is wanted, and one after another', () => {
  const all = ['a b.sqlite', 'monday.pcap', 'old', 'web.sqlite'];

  it.skipIf(lacks('bash'))('bash', () => {
    expect(bash('finwait analyze ')).toEqual(['compopt -o default']);
    expect(bash('finwait analyze --append a.pcap b.pcap ')).toEqual(['compopt -o default']);
  });

  it.skipIf(lacks('zsh'))('zsh', () => {
    expect(zsh('finwait analyze a.pcap b.pcap ').map((name) => name.replace('\\', ''))).toEqual(all);
  });

  it.skipIf(lacks('fish'))('fish', () => {
    expect(
      words(fish('finwait analyze a.pcap b.pcap '))
        .map((name) => name?.replace('/', ''))
        .sort(),
    ).toEqual(all);
  });
});

describe('bash cuts words at = and :', () => {
  it.skipIf(lacks('bash')).each([
    ['finwait flows --format=', formats],
    ['finwait flows --format=j', ['json', 'jsonl']],
    ['finwait flows --format=csv --ut', ['--utc']],
    ['finwait states web.sqlite --at 12:00:05 --ut', ['--utc']],
    ['finwait states --at 12:00:05 ', ['a b.sqlite', 'compopt -o filenames', 'old', 'web.sqlite']],
    ['finwait states --ip ::1 web.sqlite --ut', ['--utc']],
    ['finwait states --at 12:', []],
    ['finwait states --at 12:0', []],
    ['finwait query --param a=1 web.sqlite ', queryNames()],
  ])('%s', (line, expected) => {
    expect(bash(line)).toEqual(expected);
  });
});

it.skipIf(lacks('bash'))('after -- a word is no option', () => {
  expect(bash('finwait completion -- ')).toEqual([...SHELLS].sort());
  expect(bash('finwait completion -- -')).toEqual([]);
});

it.skipIf(lacks('fish'))('fish shows what a word means', () => {
  const summaries = program.commands.map(
    (command) => `${command.name()}\t${command.summary() || command.description()}`,
  );
  expect(fish('finwait ').sort()).toEqual(summaries.sort());
});

it.skipIf(lacks('zsh'))('zsh takes the script as a file of $fpath, too', () => {
  const functions = join(folder, 'functions');
  mkdirSync(functions);
  writeFileSync(join(functions, '_finwait'), readFileSync(script('zsh')));
  const ask = 'fpath=($1 $fpath); autoload -Uz compinit; compinit -D -u; print $_comps[finwait]';
  expect(run('zsh', ['-f', '-c', ask, 'zsh', functions])).toEqual(['_finwait']);
});

it('another shell is wrong usage', () => {
  const { code, stdout, stderr } = finwait(['completion', 'tcsh']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Allowed choices are bash, zsh, fish.');
});
