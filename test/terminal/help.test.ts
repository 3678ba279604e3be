import { describe, expect, it } from 'vitest';
import { newProgram } from '../../src/terminal/program.ts';
import { finwait } from './finwait.ts';

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
  const { default: metadata } = await import('../../package.json', { with: { type: 'json' } });
  expect(finwait(['--version']).stdout).toBe(`${metadata.version}\n`);
});
