import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../../src/report/rows.ts';
import { type Flow, NOON } from '../../record/batches.ts';
import { temporaryFolder, writeDatabase, writeManyFlows } from '../../record/database.ts';
import { FIN_FLOW, LEAK_FLOW, RESET_FLOW } from '../../record/flows.ts';
import { finwait, MAIN, ROOT } from '../finwait.ts';

/** The flows 1 to 3, and as many leaks as asked for. */
function flows(words: readonly string[], leaks = 0) {
  const cwd = temporaryFolder();
  const all: Flow[] = [FIN_FLOW, LEAK_FLOW, RESET_FLOW, ...new Array<Flow>(leaks).fill(LEAK_FLOW)];
  writeDatabase(join(cwd, 'web.sqlite'), all);
  return finwait(['flows', 'web.sqlite', ...words], { cwd, env: { TZ: 'UTC' } });
}

const idsIn = (stdout: string): number[] => JSON.parse(stdout).map(({ id }: { id: number }) => id);

describe('the list', () => {
  it('is a table of who closed, and how', () => {
    expect(flows(['--longer-than', 'CLOSE_WAIT=2500ms', '--sort', 'close_wait', '--utc'])).toEqual({
      code: 0,
      stdout: [
        'id  client          server       kind  closed first  close  client state  server state  CLOSE_WAIT  start',
        ' 2  10.0.0.1:40001  10.0.0.2:80  half  client               FIN_WAIT_2    CLOSE_WAIT        30.0 s  2024-05-01T12:00:00.000Z',
        ' 1  10.0.0.1:40000  10.0.0.2:80  fin   client               TIME_WAIT     CLOSED            3.00 s  2024-05-01T12:00:00.000Z',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  it.each([
    ['json', (text: string) => JSON.parse(text).length],
    [
      'jsonl',
      (text: string) =>
        text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line)).length,
    ],
    ['csv', (text: string) => text.trimEnd().split('\n').length - 1],
    ['md', (text: string) => text.trimEnd().split('\n').length - 2],
    ['table', (text: string) => text.trimEnd().split('\n').length - 1],
  ])('%s: one row per flow', (format, rows) => {
    const { code, stdout } = flows(['--format', format]);
    expect({ code, rows: rows(stdout) }).toEqual({ code: 0, rows: 3 });
  });

  it('csv: addresses, ports and numbers apart', () => {
    expect(flows(['--kind', 'fin', '-f', 'csv']).stdout).toBe(
      'id,start_us,client_ip,client_port,server_ip,server_port,close_kind,closed_first,close_duration_us,client_state,server_state\n' +
        `1,${NOON},10.0.0.1,40000,10.0.0.2,80,fin,client,,TIME_WAIT,CLOSED\n`,
    );
  });

  it('csv: lines end in CRLF where that is asked for, and nothing else takes that', () => {
    expect(flows(['--kind', 'fin', '-f', 'csv', '--crlf']).stdout).toMatch(/^id,.*\r\n1,.*CLOSED\r\n$/);
    expect(flows(['--crlf'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'finwait: --crlf is for --format csv\n',
    });
  });

  it('csv: awk finds a word at the end of a line', () => {
    const { stdout } = flows(['--kind', 'half', '-f', 'csv']);
    const { stdout: found } = spawnSync('awk', ['-F,', '$11=="CLOSE_WAIT" {print $1}'], { input: stdout });
    expect(found.toString()).toBe('2\n');
  });

  it('has IPv6 addresses in brackets, so that the port can be told', () => {
    const cwd = temporaryFolder();
    finwait(['analyze', '-q', '-d', 'six.sqlite', join(ROOT, 'captures', 'ipv6-graceful.pcap')], { cwd });
    const { stdout } = finwait(['flows', 'six.sqlite', '--ip', '::/0'], { cwd });
    expect(stdout).toMatch(/ \[[0-9a-f:]+\]:\d+ {2}\[[0-9a-f:]+\]:\d+ /);
  });
});

describe('of 125,000 flows', () => {
  it.each(FORMATS)('all are listed as %s, and asked for by query', (format) => {
    const cwd = temporaryFolder();
    writeManyFlows(join(cwd, 'many.sqlite'), FIN_FLOW, 125_000);
    const script = `
      '${process.execPath}' '${MAIN}' flows many.sqlite -n 0 -f ${format} | grep -c 10.0.0.2 || exit
      '${process.execPath}' '${MAIN}' query many.sqlite 'SELECT server_ip FROM flows' -f ${format} |
        grep -c 10.0.0.2`;
    const { stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', script], { cwd, encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '125000\n125000\n', stderr: '' });
  });
});

describe('filters', () => {
  it.each([
    ['--closed-first', 'client', [1, 2, 3]],
    ['--kind', 'half,fin-reset', [2, 3]],
    ['--state', 'TIME-WAIT', [1]],
    ['--state', 'client:fin_wait2', [2]],
    ['--state', 'server:FIN_WAIT2', []],
    ['--ip', '10.0.0.9', [3]],
    ['--ip', 'server:10.0.0.0/30', [1, 2, 3]],
    ['--port', 'client:40001,40002', [2, 3]],
    ['--longer-than', 'server:CLOSE_WAIT=3s', [2]],
    ['--longer-than', 'TIME_WAIT=15', [1]],
    ['--reset-kind', 'unread-data-or-linger', [3]],
    ['--reset-by', 'server', [3]],
    ['--since', 'start', [1, 2, 3]],
    ['--until', '2024-05-01T12:00:00Z', [1, 2, 3]],
    ['--until', '2024-05-01T11:59:59Z', []],
    ['--since', '2020-01-01', [1, 2, 3]],
    ['--since', '+0.000001', []],
  ])('%s %s', (option, value, ids) => {
    expect(idsIn(flows([option, value, '-f', 'json']).stdout)).toEqual(ids);
  });

  it('given again let pass what either lets; different ones what all do', () => {
    const words = ['--kind', 'fin', '--kind', 'half', '--port', 'client:40001', '-f', 'json'];
    expect(idsIn(flows(words).stdout)).toEqual([2]);
  });
});

describe('how many', () => {
  it('a screenful in a table, and a line that says so', () => {
    const { stdout, stderr } = flows([], 30);
    expect(stdout.trimEnd().split('\n')).toHaveLength(21);
    expect(stderr).toBe('20 of 33 flows; --limit 0 shows all\n');
  });

  it.each([
    ['all for a program', ['-f', 'json'], 33],
    ['as many as asked for', ['-f', 'json', '--limit', '2'], 2],
    ['all with 0', ['-f', 'json', '--limit', '0'], 33],
  ])('%s', (_, words, rows) => {
    const { stdout, stderr } = flows(words, 30);
    expect({ rows: JSON.parse(stdout).length, stderr }).toEqual({ rows, stderr: '' });
  });

  it('nothing is said where nothing is left out', () => {
    expect(flows(['--limit', '3']).stderr).toBe('');
    expect(flows(['--limit', '2']).stderr).toBe('2 of 3 flows; --limit 0 shows all\n');
  });

  it('none, of how many', () => {
    expect(flows(['--ip', '192.0.2.1']).stderr).toBe('0 of 3 flows\n');
    expect(flows(['--ip', '192.0.2.1', '-f', 'json']).stderr).toBe('');
  });

  it('the other way round', () => {
    expect(idsIn(flows(['--reverse', '-n', '1', '-f', 'json']).stdout)).toEqual([3]);
  });
});

describe('refusals', () => {
  it.each([
    ['--closed-first', 'nobody', /Allowed choices are client, server, both, none\./],
    ['--kind', 'fin,fim', /Allowed choices are fin, fin-unacked, half,/],
    ['--state', 'LISTEN', /States are SYN_SENT, SYN_RECEIVED,/],
    ['--state', 'peer:CLOSED', /States are SYN_SENT/],
    ['--ip', '10.0.0', /an IP address, or a network/],
    ['--port', 'http', /a number from 0 to 65535/],
    ['--port', '65536', /a number from 0 to 65535/],
    ['--longer-than', 'CLOSE_WAIT', /as in CLOSE_WAIT=5s/],
    ['--longer-than', 'CLOSE_WAIT=soon', /a number and us, ms, s/],
    ['--longer-than', 'CLOSED=5s', /Nothing follows CLOSED/],
    ['--reset-kind', 'odd', /Allowed choices are refused,/],
    ['--reset-by', 'both', /Allowed choices are client, server\./],
    ['--sort', 'size', /Allowed choices are id, start, duration,.*CLOSE_WAIT/],
    ['--sort', 'CLOSED', /Allowed choices are id/],
    ['--limit', '-1', /a whole number/],
    ['--since', 'yesterday', /yesterday/],
  ])('%s %s', (option, value, message) => {
    const outcome = flows([option, value]);
    expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  });
});
