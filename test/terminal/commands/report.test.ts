import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { captureOf, type Flow } from '../../record/batches.ts';
import { temporaryFolder, writeDatabase } from '../../record/database.ts';
import { FIN_FLOW, LEAK_FLOW, RESET_FLOW } from '../../record/flows.ts';
import { finwait, ROOT } from '../finwait.ts';

/** At a server and port of its own. */
const OTHER_LEAK: Flow = {
  ...LEAK_FLOW,
  server: '10.0.0.3',
  columns: { ...LEAK_FLOW.columns, server_port: 81 },
};

function report(...words: string[]) {
  const cwd = temporaryFolder();
  const hostile = captureOf({ path: 'a"\x1b[2J,.pcap' });
  writeDatabase(join(cwd, 'web.sqlite'), [FIN_FLOW, LEAK_FLOW, RESET_FLOW, OTHER_LEAK], [hostile]);
  return finwait(['report', 'web.sqlite', ...words], { cwd, env: { TZ: 'Asia/Kolkata' } });
}

describe('the report', () => {
  it('begins as the summary of analyze does, and goes on', () => {
    const cwd = temporaryFolder();
    const capture = join(ROOT, 'captures', 'close-wait-leak.pcap');
    const summary = finwait(['analyze', '-d', 'web.sqlite', capture], { cwd }).stdout;
    const { code, stdout, stderr } = finwait(['report', 'web.sqlite'], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const same = summary.slice(0, summary.indexOf('Database: '));
    expect(same).toContain('CLOSE_WAIT still standing');
    expect(stdout.startsWith(same)).toBe(true);
    expect(stdout).toContain('FIN_WAIT_2 still standing: 3');
  });

  it('shows times where people are, or in UTC', () => {
    expect(report().stdout).toContain('2024-05-01T17:30:00.000+05:30');
    expect(report('--utc').stdout).toContain('2024-05-01T12:00:00.000Z');
  });

  it('shows control characters instead of sending them', () => {
    expect(report().stdout).toContain('4 TCP flows in a"\\x1b[2J,.pcap\n');
    expect(report('-f', 'md').stdout).not.toContain('\x1b');
  });
});

describe('formats', () => {
  it('json: one object', () => {
    const object = JSON.parse(report('-f', 'json').stdout);
    expect(object).toMatchObject({ flows: 4, captures: [{ path: 'a"\x1b[2J,.pcap' }] });
  });

  it('jsonl: a value a line', () => {
    const rows = report('-f', 'jsonl')
      .stdout.trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows).toContainEqual({ section: 'close_kinds', item: 'half', measure: 'flows', value: 2 });
  });

  it('csv: the same, quoted where it has to be', () => {
    const lines = report('-f', 'csv').stdout.split('\n');
    expect(lines[0]).toBe('section,item,measure,value');
    expect(lines).toContain('captures,"a""\x1b[2J,.pcap",frames,100');
  });

  it('md: headings and tables', () => {
    const { stdout } = report('-f', 'md', '--utc');
    expect(stdout).toContain(
      '## Who closed first\n\n| closed_first | flows |\n| --- | --- |\n| client | 4 |\n',
    );
  });
});

describe('--top', () => {
  it('is how many holders and ports are named', () => {
    const named = (...words: string[]) => {
      const { holders, ports } = JSON.parse(report('-f', 'json', ...words).stdout);
      const ofCloseWait = holders.filter(({ state }: { state: string }) => state === 'CLOSE_WAIT');
      return [ofCloseWait.length, ports.length];
    };
    expect(named()).toEqual([2, 2]);
    expect(named('--top', '1')).toEqual([1, 1]);
  });

  it.each(['0', '-1', 'all', '1.5'])('%s is refused', (value) => {
    expect(report('--top', value)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/from 1/),
    });
  });
});
