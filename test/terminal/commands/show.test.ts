import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isUtf8Locale } from '../../../src/terminal/commands/show.ts';
import { temporaryFolder, writeDatabase } from '../../record/database.ts';
import { FIN_FLOW, LEAK_FLOW, RESET_FLOW } from '../../record/flows.ts';
import { lacks } from '../../record/program.ts';
import { finwait, MAIN } from '../finwait.ts';

const second = 1_000_000;
/** LEAK_FLOW's ends, used again an hour later. */
const AGAIN = {
  ...LEAK_FLOW,
  columns: { ...LEAK_FLOW.columns, client_port: 40_001, first: 1_714_568_400 * second },
};

/** A folder with web.sqlite, which holds four flows; the last one has the second one's ends. */
function folderWithDatabase(): string {
  const folder = temporaryFolder();
  writeDatabase(join(folder, 'web.sqlite'), [FIN_FLOW, LEAK_FLOW, RESET_FLOW, AGAIN]);
  return folder;
}

function show(...words: string[]) {
  return finwait(['show', 'web.sqlite', ...words], { cwd: folderWithDatabase(), env: { LC_ALL: 'C.UTF-8' } });
}

/** The numbers of the flows that were drawn. */
const drawn = (text: string) => text.match(/^Flow \d+/gm);

describe('a flow', () => {
  it.each([
    ['3'],
    ['10.0.0.9:40002-10.0.0.2:80'],
    ['10.0.0.2:80-10.0.0.9:40002'],
    ['10.0.0.9:40002'],
    ['10.0.0.9'],
  ])('is drawn by its name %s', (name) => {
    const { code, stdout, stderr } = show(name);
    expect({ code, stderr, drawn: drawn(stdout) }).toEqual({ code: 0, stderr: '', drawn: ['Flow 3'] });
    expect(stdout).toContain('│');
  });

  it('whose ends were used again is drawn with those that used them, in order of time', () => {
    const { code, stdout, stderr } = show('10.0.0.1:40001-10.0.0.2:80');
    expect({ code, stderr, drawn: drawn(stdout) }).toEqual({
      code: 0,
      stderr: '',
      drawn: ['Flow 2', 'Flow 4'],
    });
  });

  it('has its times in UTC where that is asked for', () => {
    const env = { TZ: 'Asia/Tokyo' };
    const first = (...words: string[]) =>
      finwait(['show', 'web.sqlite', '1', ...words], { cwd: folderWithDatabase(), env }).stdout.split(
        '\n',
      )[3];
    expect(first()).toContain('2024-05-01T21:00:00.000+09:00');
    expect(first('--utc')).toContain('2024-05-01T12:00:00.000Z');
  });

  it('is drawn in ASCII where the locale has nothing else', () => {
    const { stdout } = finwait(['show', 'web.sqlite', '1'], {
      cwd: folderWithDatabase(),
      env: { LC_ALL: 'C' },
    });
    expect(stdout).toContain('|- FIN,ACK seq 311 ack 4101 ------>|');
    expect(stdout).toMatch(/^[\n -~]*$/);
  });
});

describe('formats', () => {
  it('json is one object for a number', () => {
    const { flow, states, segments, time_waits, verdict } = JSON.parse(show('1', '-f', 'json').stdout);
    expect(flow).toMatchObject({ id: 1, client_ip: '10.0.0.1', close_kind: 'fin' });
    expect(states).toHaveLength(10);
    expect(segments[1]).toMatchObject({ n: 2, frame: 8, endpoint: 'client', meaning: 'FIN', seq: 311 });
    expect(time_waits).toMatchObject([{ endpoint: 'client', at_least_us: 16 * second }]);
    expect(verdict[0]).toContain('Both FINs were acknowledged.');
  });

  it.each([
    ['10.0.0.9:40002', [3]],
    ['10.0.0.1:40001-10.0.0.2:80', [2, 4]],
  ])('json is an array for a name: %s', (name, ids) => {
    const all: { flow: { id: number } }[] = JSON.parse(show(name, '-f', 'json').stdout);
    expect(all.map(({ flow }) => flow.id)).toEqual(ids);
  });

  it('jsonl is a segment a line', () => {
    const lines = show('1', '-f', 'jsonl').stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { flow_id: 1, n: 1, at_us: 1_714_564_800 * second, flags: 'SYN', ack: null },
      { flow_id: 1, n: 2, meaning: 'FIN' },
      { flow_id: 1, n: 3, meaning: 'ACK of FIN' },
    ]);
  });

  it('csv has a head, and flags in quotes', () => {
    expect(show('1', '-f', 'csv').stdout.split('\n').slice(0, 3)).toEqual([
      'flow_id,n,at_us,frame,endpoint,flags,seq,ack,len,meaning,capture_id',
      '1,1,1714564800000000,1,client,SYN,0,,0,SYN,1',
      '1,2,1714564801000000,8,client,"FIN,ACK",311,4101,0,FIN,1',
    ]);
  });

  it('md is the picture as a table, then the verdict', () => {
    const { stdout } = show('1', '-f', 'md');
    expect(stdout).toMatch(
      /^Flow 1: client 10\.0\.0\.1:40000, server 10\.0\.0\.2:80, in a\.pcap\n\n\| time \|/,
    );
    expect(stdout).toContain('| 1.000000 | 8 | FIN_WAIT_1 | FIN,ACK seq 311 ack 4101 → | CLOSE_WAIT |\n');
    expect(stdout).toContain('\n- The server was in CLOSE_WAIT for 3.00 s, LAST_ACK for 100 µs.\n');
  });

  it('mermaid is one diagram', () => {
    expect(show('1', '-f', 'mermaid').stdout).toMatch(/^sequenceDiagram\n {4}participant client as /);
  });
});

describe('refusals', () => {
  it.each([
    ['a number that no flow has', ['99'], /^finwait: web\.sqlite has no flow 99\n$/],
    ['ends that no flow has', ['10.0.0.1:1-10.0.0.2:80'], /^finwait: web\.sqlite has no flow 10\.0\.0\.1:1-/],
    ['what is no name', ['web'], /^finwait: no name of a flow: web /],
    ['no flow', [], /missing required argument 'flow'/],
    ['an unknown format', ['1', '-f', 'svg'], /Allowed choices are table, json, jsonl, csv, md, mermaid/],
  ])('%s', (_, words, message) => {
    expect(show(...words)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  });

  it('a name that several flows have: it lists them', () => {
    const { code, stdout, stderr } = show('10.0.0.2:80', '--utc');
    expect({ code, stdout, lines: stderr.split('\n') }).toEqual({
      code: 2,
      stdout: '',
      lines: [
        'flow  first                     client          server       close',
        '   1  2024-05-01T12:00:00.000Z  10.0.0.1:40000  10.0.0.2:80  fin',
        '   2  2024-05-01T12:00:00.000Z  10.0.0.1:40001  10.0.0.2:80  half',
        '   3  2024-05-01T12:00:00.000Z  10.0.0.9:40002  10.0.0.2:80  fin-reset',
        '   4  2024-05-01T13:00:00.000Z  10.0.0.1:40001  10.0.0.2:80  half',
        'finwait: 4 flows have 10.0.0.2:80; name one by its number',
        '',
      ],
    });
  });

  it('a diagram of several flows', () => {
    const { code, stdout, stderr } = show('10.0.0.1:40001-10.0.0.2:80', '-f', 'mermaid');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('name one by its number');
  });

  it('a missing database', () => {
    const outcome = finwait(['show', 'nosuch.sqlite', '1'], { cwd: temporaryFolder() });
    expect(outcome).toEqual({ code: 3, stdout: '', stderr: 'finwait: nosuch.sqlite: no such file\n' });
  });
});

describe('the locale', () => {
  it.each([
    [{}, true],
    [{ LANG: 'en_GB.UTF-8' }, true],
    [{ LANG: 'de_DE.utf8', LC_ALL: '' }, true],
    [{ LANG: 'en_GB.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'en_GB.UTF-8', LC_CTYPE: 'POSIX' }, false],
    [{ LANG: 'C', LC_ALL: 'C.UTF-8' }, true],
    [{ LANG: 'en_US.ISO-8859-1' }, false],
  ])('%o has box-drawing signs: %s', (env, has) => {
    expect(isUtf8Locale(env)).toBe(has);
  });
});

describe.skipIf(lacks('script'))('on a terminal (needs the program script)', () => {
  function onTerminal(columns: number, env: NodeJS.ProcessEnv): string {
    const command = `stty cols ${columns}; '${process.execPath}' '${MAIN}' show web.sqlite 1`;
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      cwd: folderWithDatabase(),
      env: { ...process.env, TERM: 'xterm', NO_COLOR: '', LC_ALL: 'C.UTF-8', ...env },
      encoding: 'utf8',
    });
    return stdout.replaceAll('\r', '');
  }

  it('the states stand out', () => {
    const screen = onTerminal(80, {});
    expect(screen).toContain('\x1b[1mFIN_WAIT_1\x1b[22m ├─ FIN,ACK');
    expect(screen).toContain('│ \x1b[1mCLOSE_WAIT\x1b[22m');
  });

  it.each([40, 70, 132])('no line is wider than %i columns', (columns) => {
    const lines = onTerminal(columns, { NO_COLOR: '1' }).split('\n');
    const longest = Math.max(...lines.map((line) => line.length));
    expect(longest).toBeLessThanOrEqual(columns);
    expect(longest).toBeGreaterThan(columns - 25);
  });
});
