import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newProgram } from '../../../src/terminal/program.ts';
import { temporaryFolder, writeDatabase } from '../../record/database.ts';
import { FIN_FLOW } from '../../record/flows.ts';
import { finwait, ROOT } from '../finwait.ts';

const program = await newProgram();
const commands = [program, ...program.commands].map((command) => [command.name(), command] as const);

describe.each(commands)('%s --help', (name, command) => {
  const { code, stdout, stderr } = finwait(name === 'finwait' ? ['--help'] : [name, '--help']);

  it('prints to standard output and ends well', () => {
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('holds an example that runs this command', () => {
    expect(stdout).toMatch(/^Example:\n {2}.*finwait /m);
    expect(stdout.slice(stdout.indexOf('Example:'))).toContain(name);
  });

  it('describes every option and argument', () => {
    const described = [...command.options, ...command.registeredArguments];
    expect(described.filter(({ description }) => description === '')).toEqual([]);
    expect(command.description()).not.toBe('');
  });

  it('fits 80 columns', () => {
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});

it('finwait alone prints its help', () => {
  expect(finwait([])).toEqual(finwait(['--help']));
});

it.each([[['\x1b[2J\u202e']], [['query', '--\x1b[2J']], [['flows', 'web.sqlite', '--kind', '\x1b[2J']]])(
  'shows control characters of the words it complains about instead of sending them: %j',
  (words) => {
    const { code, stderr } = finwait(words);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^finwait: .*\\x1b\[2J.*\n/) });
    expect(stderr).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  },
);

it('--version is the version of the package', async () => {
  const { default: metadata } = await import('../../../package.json', { with: { type: 'json' } });
  expect(finwait(['--version']).stdout).toBe(`${metadata.version}\n`);
});

describe('short forms', () => {
  it('finwait help COMMAND is finwait COMMAND --help', () => {
    for (const name of program.commands.map((command) => command.name())) {
      expect(finwait(['help', name])).toEqual(finwait([name, '--help']));
    }
    expect(finwait(['help'])).toEqual(finwait(['--help']));
  });

  it.each([
    ['flow', 'did you mean flows?'],
    ['nothing-like-it', 'finwait help lists them'],
  ])('finwait help %s: %s', (name, advice) => {
    expect(finwait(['help', name])).toEqual({
      code: 2,
      stdout: '',
      stderr: `finwait: there is no command ${name}; ${advice}\n`,
    });
  });

  it('finwait version is finwait --version', () => {
    expect(finwait(['version'])).toEqual(finwait(['--version']));
  });

  const capture = join(ROOT, 'captures', 'close-wait-leak.pcap');

  it.each([
    [[capture]],
    [[capture, '--db', 'x.sqlite', '-q']],
    [['-q', capture]],
    [['--no-db', capture]],
    [['plain-name']],
    [['nosuch.pcap']],
    [['no/such']],
    [['-']],
  ])('finwait FILE is finwait analyze FILE: %j', (words) => {
    const run = (...all: string[]) => {
      const cwd = temporaryFolder();
      copyFileSync(capture, join(cwd, 'plain-name'));
      return { ...finwait(all, { cwd, input: readFileSync(capture) }), files: readdirSync(cwd) };
    };
    expect(run(...words)).toEqual(run('analyze', ...words));
  });

  it.each([
    [['x'.repeat(300)], /unknown command 'xxx/],
    [['flow'], /unknown command 'flow'[\s\S]*Did you mean flows/],
    [['-f', 'csv', 'flows', 'web.sqlite'], /unknown option '-f'/],
    [['--bogus'], /unknown option '--bogus'/],
  ])('what is no file is no capture: %j', (words, message) => {
    expect(finwait(words)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  });

  it('a folder of the name of a command’s slip is no capture', () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'flow'));
    expect(finwait(['flow'], { cwd }).stderr).toMatch(/unknown command 'flow'/);
  });

  it('a database in place of a capture: it says what asks one', () => {
    const cwd = temporaryFolder();
    writeDatabase(join(cwd, 'web.sqlite'), [FIN_FLOW]);
    expect(finwait(['web.sqlite'], { cwd })).toMatchObject({
      code: 3,
      stderr:
        'finwait: web.sqlite: is an SQLite database, not a capture: if finwait made it, ask it with finwait report\n',
    });
  });
});
