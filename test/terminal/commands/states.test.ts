import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { captureOf, NOON } from '../../record/batches.ts';
import { temporaryFolder, writeDatabase } from '../../record/database.ts';
import { FIN_FLOW } from '../../record/flows.ts';
import { finwait } from '../finwait.ts';

function states(...words: string[]) {
  const folder = temporaryFolder();
  const captures = [captureOf({ firstUs: NOON, lastUs: NOON + 20_000_000 })];
  writeDatabase(join(folder, 'web.sqlite'), [FIN_FLOW], captures);
  writeDatabase(join(folder, 'none.sqlite'), [], [captureOf({ firstUs: Number.NaN, lastUs: Number.NaN })]);
  return finwait(['states', ...words], { cwd: folder, env: { TZ: 'UTC' } });
}

describe('finwait states', () => {
  it('shows the end of the captures', () => {
    expect(states('web.sqlite')).toEqual({
      code: 0,
      stderr: '',
      stdout: '2024-05-01T12:00:20.000+00:00\n           client  server\nTIME_WAIT       1       0\n',
    });
  });

  it('shows an instant', () => {
    expect(states('web.sqlite', '--at', '12:00:02', '--utc').stdout).toBe(
      [
        '2024-05-01T12:00:02.000Z',
        '            client  server',
        'FIN_WAIT_2       1       0',
        'CLOSE_WAIT       0       1',
        '',
      ].join('\n'),
    );
  });

  it('takes a time before the end with its minus', () => {
    expect(states('web.sqlite', '--at', '-18').stdout).toContain('FIN_WAIT_2');
  });

  it('shows a series, without columns that stay empty', () => {
    expect(
      states('web.sqlite', '--every', '2s', '--until', '+4', '--utc', '--endpoint', 'server').stdout,
    ).toBe(
      [
        'at                        endpoint  CLOSE_WAIT',
        '2024-05-01T12:00:00.000Z  server             0',
        '2024-05-01T12:00:02.000Z  server             1',
        '2024-05-01T12:00:04.000Z  server             0',
        '',
      ].join('\n'),
    );
  });

  it('gives programs every column of a series', () => {
    const [head] = states('web.sqlite', '--every', '20s', '--format', 'csv').stdout.split('\n');
    expect(head).toBe(
      'at_us,endpoint,SYN_SENT,SYN_RECEIVED,ESTABLISHED,FIN_WAIT_1,FIN_WAIT_2,CLOSING,TIME_WAIT,CLOSE_WAIT,LAST_ACK,UNKNOWN',
    );
  });

  it('prints what netstat would on one host', () => {
    expect(states('web.sqlite', '--at', '+2', '--netstat', '--ip', '10.0.0.1').stdout).toBe('FIN_WAIT2 1\n');
    expect(states('web.sqlite', '--at', '+2', '--netstat', '--ip', '10.0.0.2').stdout).toBe('CLOSE_WAIT 1\n');
  });

  it('as JSON', () => {
    expect(JSON.parse(states('web.sqlite', '--at', 'end', '--format', 'json').stdout)).toEqual([
      { state: 'TIME_WAIT', client: 1, server: 0 },
    ]);
  });
});

describe('ends whose state the capture does not show', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
    writeDatabase(join(folder, 'amid.sqlite'), [
      FIN_FLOW,
      {
        columns: { client_state: 'UNKNOWN', server_state: 'UNKNOWN', observed: 20_000_000 },
        clientLife: { UNKNOWN: [0, 1, 'mid-stream'] },
        serverLife: { UNKNOWN: [0, 1, 'mid-stream'] },
      },
    ]);
  });
  const of = (...words: string[]) => finwait(['states', 'amid.sqlite', '--utc', ...words], { cwd: folder });
  const said = 'finwait: 2 ends UNKNOWN: the capture does not show the state\n';
  const atOnce = ['--at', '+2'];
  const unknown = { state: 'UNKNOWN', client: 1, server: 1 };

  it.each([
    ['a table', atOnce, said, /^UNKNOWN +1 +1$/m],
    ['Markdown', [...atOnce, '--format', 'md'], said, /UNKNOWN +\| +1 \| +1/],
    ['CSV', [...atOnce, '--format', 'csv'], said, /^UNKNOWN,1,1$/m],
    ['JSON lines', [...atOnce, '--format', 'jsonl'], said, JSON.stringify(unknown)],
    [
      'netstat',
      [...atOnce, '--netstat', '--ip', '10.0.0.2'],
      'finwait: 1 more socket, whose state the capture does not show\n',
      /^CLOSE_WAIT 1\n$/,
    ],
    [
      'steps',
      ['--every', '10s'],
      'finwait: UNKNOWN: ends whose state the capture does not show\n',
      /UNKNOWN/,
    ],
    ['steps as CSV', ['--every', '10s', '--format', 'csv'], '', /^at_us,endpoint,.*UNKNOWN/],
  ])('are counted apart: %s', (_, words, stderr, stdout) => {
    const outcome = of(...words);
    expect(outcome.stderr).toBe(stderr);
    expect(outcome.stdout).toMatch(stdout);
  });
});

it('says where nothing was captured', () => {
  const folder = temporaryFolder();
  const hour = 3_600_000_000;
  const captures = [0, hour].map((us) =>
    captureOf({ firstUs: NOON + us, lastUs: NOON + us + 20_000_000, frameBase: us === 0 ? 0 : 100 }),
  );
  writeDatabase(join(folder, 'two.sqlite'), [FIN_FLOW], captures);
  const at = (time: string) => finwait(['states', 'two.sqlite', '--at', time, '--utc'], { cwd: folder });
  expect(at('12:30').stderr).toBe(
    'finwait: nothing was captured from 2024-05-01T12:00:20.000Z to 2024-05-01T13:00:00.000Z\n',
  );
  expect(at('12:00:10').stderr).toBe('');
});

describe('refusals', () => {
  it.each([
    ['no time', ['web.sqlite', '--at', 'noon'], 2, /noon: no time; it is start, end/],
    ['a time before the captures', ['web.sqlite', '--at', '11:00'], 2, /11:00: not in the captures/],
    ['netstat of no host', ['web.sqlite', '--netstat'], 2, /of one host: give its --ip/],
    ['netstat over time', ['web.sqlite', '--netstat', '--every', '1s'], 2, /cannot be used with/],
    ['a step of nothing', ['web.sqlite', '--every', '0'], 2, /has to be more than 0/],
    ['a step that is none', ['web.sqlite', '--every', 'often'], 2, /number and us, ms, s/],
    ['an end without steps', ['web.sqlite', '--until', 'end'], 2, /--until needs --every/],
    [
      'an end before the start',
      ['web.sqlite', '--every', '1s', '--at', '+2', '--until', '+1'],
      2,
      /is before/,
    ],
    ['a table that fits nowhere', ['web.sqlite', '--every', '1us'], 2, /20,000,001 steps are too many/],
    ['no address', ['web.sqlite', '--ip', 'web'], 2, /It is an IP address/],
    ['captures without packets', ['none.sqlite'], 2, /hold no packets/],
    ['no database', ['nosuch.sqlite'], 3, /nosuch.sqlite: no such file/],
  ])('%s', (_, words, code, message) => {
    const outcome = states(...words);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toMatch(message);
  });
});
